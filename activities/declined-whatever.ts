import { plainWords } from '../indicators/plain-words.ts';

/** An item that was declined alone in its request. */
export interface DeclinedAlone {
  readonly id: number;
  readonly reason: string;
}

/** So many different items, each alone in its request and declined alike, with nothing taken in between: it is not the items. */
export const PROOF = 3;

/** What is declined whatever it carries, in the destination's words; null when nothing proves it. */
export function declinedWhatever(alone: readonly DeclinedAlone[]): string | null {
  const ids = new Map<string, Set<number>>();
  for (const { id, reason } of alone) {
    const words = plainWords(reason);
    const alike = (ids.get(words) ?? new Set<number>()).add(id);
    if (alike.size >= PROOF) return words;
    ids.set(words, alike);
  }
  return null;
}
