import type { ExclusionList } from '../indicators/exclusion-list.ts';

/** What a file of entries comes to. */
export interface ListOfFile {
  readonly find: ExclusionList['find'];
  readonly placeOf: ExclusionList['placeOf'];
  /** What is well to know and no mistake: a sentence whose subject is the file, without it; null for nothing. */
  readonly note: string | null;
}

/** Other work of the process gets its turn after so many entries. */
export const ENTRIES_A_TURN = 10_000;
