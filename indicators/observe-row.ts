import { contentHash } from './content-hash.ts';
import type { Indicator } from './indicator.ts';
import { merge } from './merge.ts';
import { type RowResult, readRow } from './read-row.ts';
import type { SourceRow } from './source-row.ts';

/**
 * What a row says, as `readRow` has it. One that our code cannot digest, in reading it or in what follows from it, is malformed: it costs
 * itself, and not the slice that it came in.
 */
export function observeRow(
  row: SourceRow,
  exclude: (indicator: Indicator, now: Date) => unknown,
  now: Date,
): RowResult {
  try {
    const result = readRow(row);
    if (result.kind === 'malformed') return result;
    for (const observation of result.observations) {
      const indicator = merge(observation.key, [observation], now);
      contentHash(indicator);
      exclude(indicator, now);
    }
    return result;
  } catch (error) {
    // Its text may quote a value.
    const kind = error instanceof Error ? error.name : typeof error;
    return { kind: 'malformed', reason: `the row could not be digested (${kind})` };
  }
}
