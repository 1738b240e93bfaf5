import { REASONS } from '../../config/read-list-file.ts';
import { createListOfEntries, type ExclusionList } from '../../indicators/exclusion-list.ts';
import type { ListKind } from '../../indicators/list-entry.ts';

/** A list of the policy with these entries; a wrong one is an error. */
export function listOf(kind: ListKind, ...entries: readonly string[]): ExclusionList {
  const { add, find } = createListOfEntries(kind);
  for (const [at, entry] of entries.entries()) {
    const problem = add(entry, at);
    if (problem !== null) throw new Error(problem);
  }
  return { reason: REASONS[kind], find, placeOf: (at) => `entry ${at}` };
}
