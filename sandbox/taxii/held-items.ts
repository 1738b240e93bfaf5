import { isDeepStrictEqual } from 'node:util';
import type { TipItem } from '../stand-in.ts';
import { type Contents, newestOf, type Version } from './contents.ts';
import { instantOf } from './instant.ts';
import { observableOf, type StixObject, textOf } from './stix-object.ts';
import type { TaxiiFaults } from './taxii-faults.ts';

export interface Tally {
  duplicates: number;
  updates: number;
  withdrawn: number;
}

/** By what the state of an item is told. */
export interface Judgement {
  readonly now: Date;
  readonly afterRevocation: TaxiiFaults['afterRevocation'];
}

/** What somebody makes of an indicator who reads the collection now. (Source: STIX 2.1, 3.6 and 4.7: revoked, or `valid_until` has come.) */
function stateOf(versions: readonly Version[], { now, afterRevocation }: Judgement): 'held' | 'gone' {
  const newest = newestOf(versions);
  if (newest === undefined || isRevoked(newest)) return 'gone';
  if (afterRevocation !== 'held' && versions.some(isRevoked)) return 'gone';
  const until = instantOf(textOf(newest.object, 'valid_until') ?? '');
  return until !== null && until <= now.toISOString() ? 'gone' : 'held';
}

export function isRevoked({ object }: Version): boolean {
  return object['revoked'] === true;
}

export function itemsOf(contents: Contents, judgement: Judgement): readonly TipItem[] {
  return Array.from(contents.indicators(), ({ id, value, versions }) => ({
    id,
    value,
    state: stateOf(versions, judgement),
  }));
}

/** Whether an indicator is there, or under way, in just that form. */
export function isDuplicate(contents: Contents, underWay: readonly StixObject[], object: StixObject): boolean {
  if (observableOf(object) === null) return false;
  const same = (other: StixObject): boolean => isDeepStrictEqual(other, object);
  return contents.of(object.id).some((version) => same(version.object)) || underWay.some(same);
}

/** Does something to the versions of an indicator, and counts what became of it. */
export function tallied<Result>(
  contents: Contents,
  object: StixObject,
  { judgement, tally }: { readonly judgement: Judgement; readonly tally: Tally },
  act: () => Result,
): Result {
  const before = contents.of(object.id);
  const result = act();
  if (observableOf(object) === null || before.length === 0) return result;
  const after = contents.of(object.id);
  if (stateOf(before, judgement) === 'held' && stateOf(after, judgement) === 'gone') tally.withdrawn += 1;
  else if (newestOf(after) !== newestOf(before)) tally.updates += 1;
  return result;
}
