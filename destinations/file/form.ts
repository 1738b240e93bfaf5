import { z } from 'zod';
import { THREATS, TLP_LEVELS } from '../../indicators/indicator.ts';
import type { Held } from '../destination.ts';

/** What is kept of an item that was written: which version, and what a withdrawal of it has to say. */
export const fileForm = z.object({
  /** How often it has been withdrawn before: each has an id of its own. */
  generation: z.int(),
  created: z.string(),
  modified: z.string(),
  validFrom: z.string().nullable(),
  tlp: z.enum(TLP_LEVELS),
  threat: z.enum(THREATS),
});
export type FileForm = Readonly<z.infer<typeof fileForm>>;

/** All that may have been written of an item, as far as is known. */
export function formsOf(held: Held | null): readonly FileForm[] {
  if (held === null) return [];
  return [held.form, ...held.maybes].flatMap((form) => {
    const read = fileForm.safeParse(form);
    return read.success ? [read.data] : [];
  });
}

/** Of each generation the version that a reader believes: the last one. The last generation comes last. */
export function newestOfEach(forms: readonly FileForm[]): readonly FileForm[] {
  const newest = new Map<number, FileForm>();
  for (const form of forms) {
    const known = newest.get(form.generation);
    if (known === undefined || known.modified < form.modified) newest.set(form.generation, form);
  }
  return [...newest.values()].toSorted((a, b) => a.generation - b.generation);
}
