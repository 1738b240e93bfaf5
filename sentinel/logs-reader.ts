import type { HttpReply } from '../http/http-client.ts';
import { Fault } from '../indicators/fault.ts';
import type { Window } from '../indicators/window.ts';
import { countQuery, estimateQuery, rowsQuery } from './kql.ts';
import type { LogsClient } from './logs-client.ts';
import { LOGS } from './query-fault.ts';
import { countRow, estimateRow, oneRow, readTable } from './read-table.ts';
import type { SentinelReader, SentinelSource } from './sentinel-reader.ts';

/** Reads workspaces through the Log Analytics query API. A slice with more rows than `maxRows` is too large. */
export function createSentinelReader(logs: LogsClient, maxRows: number): SentinelReader {
  const ask = (source: SentinelSource, query: string, window: Window, signal: AbortSignal) =>
    logs.ask({ workspaceId: source.workspaceId, query, timespan: timespanOf(source, window) }, signal);

  return {
    close: () => logs.close(),
    async count(source, part, signal) {
      const answer = await ask(source, countQuery(source, part), part, signal);
      if ('noData' in answer) return { rows: 0, clock: dateOf(answer.noData), emptyWorkspace: true };
      const { Count, Clock } = oneRow(answer, countRow, 'a count');
      return { rows: Count, clock: Clock, emptyWorkspace: false };
    },
    async estimate(source, window, signal) {
      const answer = await ask(source, estimateQuery(source, window), window, signal);
      if ('noData' in answer) return { rows: 0, hosts: 0 };
      const { Rows, Hosts } = oneRow(answer, estimateRow, 'an estimate');
      return { rows: Rows, hosts: Hosts };
    },
    async read(source, slice, signal) {
      const table = await ask(source, rowsQuery(source, slice), slice, signal);
      // Asked for is only what was counted.
      if ('noData' in table) {
        throw new Fault(
          'Unavailable',
          `${LOGS} says that the workspace has no data (204) when asked for rows that it counted.`,
        );
      }
      if (table.rows.length > maxRows) {
        throw new Fault('TooLarge', `A slice has ${table.rows.length} rows; at most ${maxRows} are taken at once.`);
      }
      return readTable(table);
    },
  };
}

/** When a server answered, by its own clock. */
function dateOf({ headers }: HttpReply): string | null {
  const at = Date.parse(headers['date'] ?? '');
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}

/** The API ANDs its timespan on TimeGenerated, while a window is of ingestion time: late and early rows are to stay in. */
function timespanOf(source: SentinelSource, window: Window): { startTime: Date; endTime: Date } {
  return {
    startTime: new Date(Date.parse(window.from) - source.latenessMs),
    endTime: new Date(Date.parse(window.to) + source.latenessMs),
  };
}
