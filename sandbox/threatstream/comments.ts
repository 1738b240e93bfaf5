import { z } from 'zod';

export const savedComment = z.object({
  value: z.string(),
  comment: z.string(),
  date: z.string(),
  tlp: z.string(),
  /** Another organisation's, which everyone sees. */
  isForeign: z.boolean().default(false),
});
type Comment = z.infer<typeof savedComment>;

/** Comments on values; there is no way to change one or to take it back. (Source: facts/tips.md 2.3.) */
export class Comments {
  readonly #byValue = new Map<string, Comment[]>();

  add(comment: Comment): void {
    const known = this.#byValue.get(comment.value);
    if (known === undefined) this.#byValue.set(comment.value, [comment]);
    else known.push(comment);
  }

  of(value: string): readonly Comment[] {
    return this.#byValue.get(value) ?? [];
  }

  all(): Comment[] {
    return [...this.#byValue.values()].flat();
  }
}
