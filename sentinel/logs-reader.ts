import type { TokenCredential } from '@azure/identity';
import {
  LogsQueryClient,
  type LogsQueryResult,
  LogsQueryResultStatus,
  type LogsTable,
} from '@azure/monitor-query-logs';
import { azureTransport } from '../azure/azure-transport.ts';
import { type KeptCredential, refusesToken, withNewToken } from '../azure/kept-credential.ts';
import type { HttpReply, Observe } from '../http/http-client.ts';
import type { Proxy } from '../http/proxy.ts';
import { recordedClient } from '../http/recorded-client.ts';
import { createHttpClient } from '../http/undici-client.ts';
import { Fault } from '../indicators/fault.ts';
import type { Window } from '../indicators/window.ts';
import type { Pace } from '../rates/pace.ts';
import { countQuery, estimateQuery, rowsQuery } from './kql.ts';
import { LOGS, queryFault } from './query-fault.ts';
import { countRow, estimateRow, oneRow, readTable } from './read-table.ts';
import type { SentinelReader, SentinelSource } from './sentinel-reader.ts';

export interface LogsSettings {
  /** With its version: `https://api.loganalytics.io/v1`. The SDK uses it as it is. */
  readonly endpoint: string;
  /** `https://api.loganalytics.io/.default` when left out; sovereign clouds have their own. */
  readonly scope?: string;
  /** PEM certificates trusted in addition to the system's. */
  readonly ca?: string;
  readonly proxy?: Proxy;
  /** The service stops a query after this; it allows 600 at most. */
  readonly serverTimeoutSeconds: number;
  /** An answer of more bytes is read no further. `createHttpClient`'s own bound when left out. */
  readonly maxReply?: number;
  /** A slice with more rows than this is too large. */
  readonly maxRows: number;
}

export interface LogsParts {
  readonly credential: KeptCredential;
  readonly pace: Pace;
  /** The system's clock when left out; a `Retry-After` may be a date. */
  readonly now?: () => Date;
  /** Told of each query. */
  readonly observe?: Observe;
}

/** The service runs five queries of a user at once and queues the rest. */
const CONNECTIONS = 5;
/** The service's own time-out is to come first: it says more. */
const GRACE_MS = 30_000;

/** Reads a workspace through the Log Analytics query API. */
export function createSentinelReader(settings: LogsSettings, parts: LogsParts): SentinelReader {
  const { ca, proxy, serverTimeoutSeconds, maxReply, maxRows } = settings;
  const http = createHttpClient({
    ...(ca === undefined ? {} : { ca }),
    ...(proxy === undefined ? {} : { proxy }),
    timeoutMs: serverTimeoutSeconds * 1_000 + GRACE_MS,
    connections: CONNECTIONS,
    ...(maxReply === undefined
      ? {}
      : { replies: { bytes: maxReply, setting: 'logAnalytics.maxReply', beyond: 'TooLarge' } }),
    ...(parts.observe === undefined ? {} : { observe: parts.observe }),
  });
  const now = parts.now ?? (() => new Date());

  /** The first table, or that the workspace has no data at all. */
  async function ask(
    source: SentinelSource,
    query: string,
    window: Window,
    signal: AbortSignal,
  ): Promise<LogsTable | NoData> {
    const answer = await withNewToken(
      parts.credential,
      (credential) => askOnce(withSignal(credential, signal), source, query, window, signal),
      (given) => 'refused' in given,
    );
    if ('refused' in answer) throw answer.refused;
    return answer;
  }

  async function askOnce(
    credential: TokenCredential,
    source: SentinelSource,
    query: string,
    window: Window,
    signal: AbortSignal,
  ): Promise<LogsTable | NoData | TokenRefused> {
    await parts.pace.before(signal);
    const recorded = recordedClient(http);
    // A client of its own for each query: it is cheap, and its transport can then have the caller's signal.
    const client = new LogsQueryClient(credential, {
      endpoint: settings.endpoint,
      ...(settings.scope === undefined ? {} : { credentials: { scopes: [settings.scope] } }),
      retryOptions: { maxRetries: 0 },
      httpClient: azureTransport(recorded.http, signal),
    });
    const options = { serverTimeoutInSeconds: serverTimeoutSeconds };
    try {
      const table = tableOf(
        await client.queryWorkspace(source.workspaceId, query, timespanOf(source, window), options),
      );
      parts.pace.answered();
      return table;
    } catch (error) {
      signal.throwIfAborted();
      const outcome = recorded.take();
      if (outcome.kind === 'reply' && outcome.reply.status !== 429) parts.pace.answered();
      // The SDK cannot read an answer without a body, and that is what a workspace without any data gives.
      if (outcome.kind === 'reply' && outcome.reply.status === 204) return { noData: outcome.reply };
      const fault = queryFault(source.workspaceId, error, outcome, now());
      if (outcome.kind === 'reply' && refusesToken(outcome.reply.status)) return { refused: fault };
      if (fault.kind === 'Throttled') await parts.pace.throttled(fault.retryAfterMs);
      throw fault;
    }
  }

  return {
    close: () => http.close(),
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

/** A workspace that has never had any data is answered by 204, without a body. */
interface NoData {
  readonly noData: HttpReply;
}

interface TokenRefused {
  readonly refused: Fault;
}

/** When a server answered, by its own clock. */
function dateOf({ headers }: HttpReply): string | null {
  const at = Date.parse(headers['date'] ?? '');
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}

/** The SDK does not tell the credential either that its caller has given up. */
function withSignal(credential: TokenCredential, abortSignal: AbortSignal): TokenCredential {
  return { getToken: (scopes, options) => credential.getToken(scopes, { ...options, abortSignal }) };
}

/** A partial answer is as good as none: what it lacks, nobody would ever ask for again. */
function tableOf(result: LogsQueryResult): LogsTable {
  if (result.status === LogsQueryResultStatus.PartialFailure) {
    throw new Fault('TooLarge', `${LOGS} returned only a part of the rows (${result.partialError.code}).`);
  }
  const [table] = result.tables;
  if (table === undefined) throw new Fault('Unavailable', `${LOGS} answered without a table.`);
  return table;
}

/** The API ANDs its timespan on TimeGenerated, while a window is of ingestion time: late and early rows are to stay in. */
function timespanOf(source: SentinelSource, window: Window): { startTime: Date; endTime: Date } {
  return {
    startTime: new Date(Date.parse(window.from) - source.latenessMs),
    endTime: new Date(Date.parse(window.to) + source.latenessMs),
  };
}
