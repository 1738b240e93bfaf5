import { setMaxListeners } from 'node:events';
import { hostToLookUp } from '../indicators/decide.ts';
import type { Indicator, Observation } from '../indicators/indicator.ts';
import { merge } from '../indicators/merge.ts';
import { readRow } from '../indicators/read-row.ts';
import { planSlices } from '../indicators/slicing.ts';
import type { Window } from '../indicators/window.ts';
import type { Adapters } from './adapters.ts';
import { inLanes } from './in-lanes.ts';

export interface SourceIndicator {
  readonly id: number;
  readonly indicator: Indicator;
  /** Null for what has no reputation. */
  readonly host: string | null;
}

/** Queries of a window under way at once, as the window workflow has them. */
const SLICES_AT_ONCE = 4;

/** Reads a window by the same queries as the product and keeps what is not excluded, in memory. */
export async function sourceIndicators(adapters: Adapters, window: Window): Promise<readonly SourceIndicator[]> {
  const { reader, source, pipeline } = adapters;
  const { signal } = new AbortController();
  setMaxListeners(0, signal);
  const { rows } = await reader.count(source, window, signal);
  const voices = new Map<string, Observation[]>();
  await inLanes(planSlices(window, rows, { targetRows: pipeline.source.sliceRows }), SLICES_AT_ONCE, async (slice) => {
    for (const row of (await reader.read(source, slice, signal)).rows) {
      const read = readRow(row);
      if (read.kind !== 'observations') continue;
      for (const observation of read.observations) {
        const name = `${observation.key.type} ${observation.key.value}`;
        const known = voices.get(name);
        if (known === undefined) voices.set(name, [observation]);
        else known.push(observation);
      }
    }
  });
  return inOrder(adapters, [...voices.values()]);
}

/** Alike ones together, as the ledger forms batches, so that one request carries as many. */
function inOrder({ exclude, pipeline }: Adapters, groups: readonly Observation[][]): readonly SourceIndicator[] {
  const now = new Date();
  return groups
    .flatMap((group) => {
      const [first] = group;
      const indicator = first === undefined ? null : merge(first.key, group, now);
      return indicator === null || exclude(indicator, now) !== null ? [] : [{ indicator, order: orderOf(indicator) }];
    })
    .toSorted((a, b) => (a.order < b.order ? -1 : Number(a.order > b.order)))
    .map(({ indicator }, id) => ({ id, indicator, host: hostToLookUp(indicator, pipeline.policy) }));
}

function orderOf({ key, facts }: Indicator): string {
  return JSON.stringify([facts.validUntil?.slice(0, 10) ?? '~', facts.tlp ?? '~', facts.threat, facts.tags, key.type]);
}
