import { plainWords } from '../indicators/plain-words.ts';
import type { DeclinedItem } from '../ledger/declined.ts';
import type { Failing } from '../ledger/failing.ts';

/** So many different items, each alone in its request and declined alike, with nothing taken in between: it may not be the items. */
export const PROOF = 3;

export interface DeclinedAlike {
  /** The destination's. */
  readonly words: string;
  readonly ids: ReadonlySet<number>;
}

/** The items that prove that it may not be the items, of those that were declined alone; null when nothing does. */
export function declinedWhatever(alone: readonly DeclinedItem[]): DeclinedAlike | null {
  const alike = new Map<string, Set<number>>();
  for (const { id, reason } of alone) {
    const words = plainWords(reason.startsWith(SET_ASIDE) ? reason.slice(SET_ASIDE.length) : reason);
    alike.set(words, (alike.get(words) ?? new Set<number>()).add(id));
  }
  const proven = [...alike].find(([, ids]) => ids.size >= PROOF);
  return proven === undefined ? null : { words: proven[0], ids: proven[1] };
}

/** The end of the effort that is spent on items that may not be to blame: who is, a person would have said by then. */
const ENOUGH = { tries: 6, lastedMs: 24 * 60 * 60_000 };

/** Whether an item was declined like that so often and for so long that the others need not wait for it any more. */
export function isDeclinedForGood(failing: Failing | undefined, now: Date): boolean {
  if (failing === undefined || failing.tries < ENOUGH.tries) return false;
  return now.getTime() - failing.since.getTime() >= ENOUGH.lastedMs;
}

const SET_ASIDE = 'declined again and again for a day, alone in its request and in the same words as others: ';

/** Why such an item is set aside; the destination's words are those that say nothing of it. */
export function setAsideFor({ words }: DeclinedAlike): string {
  return `${SET_ASIDE}${words}`;
}
