import { THREAT_INTEL_INDICATORS } from './columns.ts';
import { generatedCell } from './generated-cells.ts';
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
  const names = THREAT_INTEL_INDICATORS.columns.map(({ name }) => name);
  const content = { seed, epoch };
  return {
    length: count,
    fixed: true,
    ingestedAt: (row) => clock(row),
    cell(row, column) {
      const number = first + row;
      const again = republished || roleOf(number) === 'republished';
      const name = names[column] ?? '';
      switch (name) {
        case 'TimeGenerated':
          return clock(row, again ? 1_000 : 5_000 + (random(seed, number, 32) % 115) * 1_000);
        case 'LastUpdateMethod':
          return again ? 'LogARepublisher' : 'DataConnector';
        default:
          return generatedCell(content, number, name);
      }
    },
  };
}
