import type { Value } from '../logs/kql/value.ts';
import { THREAT_INTEL_INDICATORS } from './columns.ts';
import { createGeneratedCells } from './generated-cells.ts';
import { createIngestionClock, type Interval } from './ingestion-clock.ts';
import { random } from './random.ts';
import { roleOf } from './roles.ts';
import type { Segment } from './segment.ts';

export interface GeneratedRows {
  readonly seed: number;
  /** The number of the first row; a later run goes on from where one ended. */
  readonly first: number;
  readonly count: number;
  /** Milliseconds since 1970; see `GeneratedContent`. */
  readonly epoch: number;
  readonly ingested: Interval;
  /** Written again by the service: the same content, a fresh TimeGenerated. */
  readonly republished: boolean;
}

/** Rows that are computed when they are asked for: a million of them take no memory. */
export function createGeneratedSegment({ seed, first, count, epoch, ingested, republished }: GeneratedRows): Segment {
  const clock = createIngestionClock(ingested, count);
  const isAgain = (row: number): boolean => republished || roleOf(first + row) === 'republished';
  const content = createGeneratedCells({ seed, epoch });
  const cells = THREAT_INTEL_INDICATORS.columns.map(({ name }): ((row: number) => Value) => {
    if (name === 'LastUpdateMethod') return (row) => (isAgain(row) ? 'LogARepublisher' : 'DataConnector');
    if (name === 'TimeGenerated') return (row) => clock(row, isAgain(row) ? 1_000 : lag(seed, first + row));
    const compute = content[name];
    return compute === undefined ? () => null : (row) => compute(first + row);
  });
  return {
    length: count,
    fixed: true,
    ingestedAt: (row) => clock(row),
    cell: (row, column) => cells[column]?.(row) ?? null,
  };
}

/** Between when a row says that it was made and when it was ingested: 5 seconds to 2 minutes. */
function lag(seed: number, row: number): number {
  return 5_000 + (random(seed, row, 32) % 115) * 1_000;
}
