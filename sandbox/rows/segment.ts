import type { Value } from '../logs/kql/value.ts';

/** A run of rows of one table, in the order in which they were ingested. */
export interface Segment {
  readonly length: number;
  /** Whether its rows never change: what was computed of them may be kept. */
  readonly fixed: boolean;
  /** Seven-digit text in UTC; never smaller than that of the row before. */
  ingestedAt(row: number): string;
  /** By the position of the column in the table's schema. */
  cell(row: number, column: number): Value;
}

/** The first row at which `isPast` holds, when it holds for every row after that too. */
export function firstRow(segment: Segment, isPast: (ingestedAt: string) => boolean): number {
  let low = 0;
  let high = segment.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isPast(segment.ingestedAt(middle))) high = middle;
    else low = middle + 1;
  }
  return low;
}
