import type { LogsClient } from './logs-client.ts';
import { namedRows } from './read-table.ts';

interface RowsQuestion {
  readonly workspaceId: string;
  readonly query: string;
  /** Columns that have to be there. */
  readonly columns: readonly string[];
  /** Of TimeGenerated. */
  readonly from: Date;
  readonly to: Date;
}

/** Rows of any workspace by the names of their columns, as they came; none for one that has never had any data. Throws as `SentinelReader` does. */
export async function workspaceRows(
  logs: Pick<LogsClient, 'ask'>,
  { workspaceId, query, columns, from, to }: RowsQuestion,
  signal: AbortSignal,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const answer = await logs.ask({ workspaceId, query, timespan: { startTime: from, endTime: to } }, signal);
  return 'noData' in answer ? [] : namedRows(answer, columns);
}
