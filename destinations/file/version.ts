import { laterThan, realBeginning, stixTime } from '../../indicators/stix-time.ts';
import type { Deliverable } from '../destination.ts';
import { type FileForm, formsOf, newestOfEach } from './form.ts';

export interface Version {
  readonly generation: number;
  /** Constant for an id. */
  readonly created: string;
  /** Later than that of every version that may have been written. */
  readonly modified: string;
  /** What may be current of other generations: it ends with this one. */
  readonly ending: readonly FileForm[];
}

/** Of what does not say when it began. */
const BEGINNING = '2026-01-01T00:00:00.000Z';

/**
 * The version of an item that is written next: by what is known of it alone, so that it is the same whenever it is written. The clock has
 * no part in it: `modified` puts versions in order, and is no time of day.
 */
export function versionOf({ indicator, held }: Pick<Deliverable, 'indicator' | 'held'>): Version {
  const begin = stixTime(realBeginning(indicator.facts.validFrom) ?? BEGINNING);
  const newest = newestOfEach(formsOf(held ?? null));
  const last = newest.at(-1);
  if (last === undefined) return { generation: 0, created: begin, modified: begin, ending: [] };
  if (held?.withdrawn === undefined) {
    const { generation, created, modified } = last;
    return { generation, created, modified: laterThan(modified, begin), ending: newest.slice(0, -1) };
  }
  const latest =
    newest
      .map(({ modified }) => modified)
      .toSorted()
      .at(-1) ?? begin;
  // Later than its withdrawal too: of one value, the last word is what holds.
  const created = laterThan(withdrawnAt(latest), begin);
  const isOver = held.withdrawn === 'yes' && newest.length === 1;
  return { generation: last.generation + 1, created, modified: created, ending: isOver ? [] : newest };
}

/** `modified` of the withdrawal of a version: always the same, however often it is written. */
export function withdrawnAt(modified: string): string {
  return laterThan(modified, modified);
}
