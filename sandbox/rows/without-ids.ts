import { columnIndex } from '../logs/kql/scope.ts';
import { toText } from '../logs/kql/value.ts';
import { THREAT_INTEL_INDICATORS } from './columns.ts';
import type { Segment } from './segment.ts';

const ID = columnIndex(THREAT_INTEL_INDICATORS.columns, 'Id');

/** The segment without the rows of these indicators: what arrived later of them stands in their place. */
export function withoutIds(segment: Segment, ids: ReadonlySet<string>): Segment {
  if (ids.size === 0) return segment;
  const kept: number[] = [];
  for (let row = 0; row < segment.length; row += 1) {
    if (!ids.has(toText(segment.cell(row, ID)))) kept.push(row);
  }
  const rows = Uint32Array.from(kept);
  return {
    length: rows.length,
    fixed: segment.fixed,
    ingestedAt: (row) => segment.ingestedAt(rows[row] ?? -1),
    cell: (row, column) => segment.cell(rows[row] ?? -1, column),
  };
}
