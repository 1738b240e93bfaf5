import { sql } from 'kysely';
import type { Pipeline } from '../../activities/parts.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import type { SentinelReader } from '../../sentinel/sentinel-reader.ts';
import { startReading } from './reading.ts';

export const MINUTE = 60_000;

export interface Together {
  readonly settings?: Partial<Pipeline>;
  /** How long a step waits for another pipeline before it is tried again. */
  readonly waitInsideMs?: number;
  /** What one of them has besides, by its number; the first one's `source` is that of all. */
  readonly own?: (one: number, source: Pipeline['source']) => Partial<Pipeline>;
  /** For what no service does of itself. */
  readonly instead?: (one: number, reader: SentinelReader) => Partial<SentinelReader>;
}

/** Several pipelines at work on one workspace. */
export async function startTogether(ledger: LedgerDb, count: number, options: Together = {}) {
  // Workspaces of all sandboxes have one id, and readings of all tests begin at one time.
  await ledger.deleteFrom('kept_answers').execute();
  const { settings, waitInsideMs, own = () => ({}), instead = () => ({}) } = options;
  const unknown = { workspaceId: '', table: 'ThreatIntelIndicators', sourceSystems: [], latenessMs: 0 } as const;
  const first = await startReading(
    ledger,
    { ...settings, ...own(0, unknown) },
    (reader) => instead(0, reader),
    undefined,
    waitInsideMs,
  );
  const others = Array.from({ length: count - 1 }, (_, before) =>
    first.beside({ ...settings, ...own(before + 1, first.pipeline.source) }, (reader) => instead(before + 1, reader)),
  );
  return {
    ...first,
    all: [first, ...others],
    /** Queries, and rows that they were answered with; a count is answered with one. */
    asked: () => {
      const { requests, rowsServed } = first.sandbox.counts();
      return { queries: requests.logs, rowsServed };
    },
    /** What is kept for others of what these pipelines read, and would be for any. */
    kept: async (): Promise<{ slices: number; rows: number } | undefined> => {
      const { rows } = await sql<{ slices: number; rows: number }>`select
        (select count(*) from kept_answers where buckets > 0 and state = 'read')::int as slices,
        (select count(*) from kept_rows)::int as rows`.execute(ledger);
      return rows[0];
    },
  };
}

/** Where a pipeline's windows begin and end, in order. */
export async function windowsOf(ledger: LedgerDb, { name }: Pick<Pipeline, 'name'>) {
  return ledger
    .selectFrom('windows')
    .select(['from_time', 'to_time', 'read_from', 'state'])
    .where('pipeline', '=', name)
    .orderBy('from_time')
    .execute();
}
