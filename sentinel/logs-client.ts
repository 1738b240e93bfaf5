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
import type { Pace } from '../rates/pace.ts';
import { LOGS, queryFault } from './query-fault.ts';

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
}

export interface LogsParts {
  readonly credential: KeptCredential;
  readonly pace: Pace;
  /** The system's clock when left out; a `Retry-After` may be a date. */
  readonly now?: () => Date;
  /** Told of each query. */
  readonly observe?: Observe;
}

export interface LogsQuestion {
  readonly workspaceId: string;
  readonly query: string;
  /** Of TimeGenerated: the API ANDs it. */
  readonly timespan: { readonly startTime: Date; readonly endTime: Date };
}

/** The Log Analytics query API. */
export interface LogsClient {
  /** The first table, or that the workspace has no data at all. Throws as `SentinelReader` does. */
  ask(question: LogsQuestion, signal: AbortSignal): Promise<LogsTable | NoData>;
  close(): Promise<void>;
}

/** The service runs five queries of a user at once and queues the rest. */
const CONNECTIONS = 5;
/** The service's own time-out is to come first: it says more. */
const GRACE_MS = 30_000;

/** One client of it, which signs in anew when its token is refused. */
export function createLogsClient(settings: LogsSettings, parts: LogsParts): LogsClient {
  const { ca, proxy, serverTimeoutSeconds, maxReply } = settings;
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

  async function ask(question: LogsQuestion, signal: AbortSignal): Promise<LogsTable | NoData> {
    const answer = await withNewToken(
      parts.credential,
      (credential) => askOnce(withSignal(credential, signal), question, signal),
      (given) => 'refused' in given,
    );
    if ('refused' in answer) throw answer.refused;
    return answer;
  }

  async function askOnce(
    credential: TokenCredential,
    { workspaceId, query, timespan }: LogsQuestion,
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
      const table = tableOf(await client.queryWorkspace(workspaceId, query, timespan, options));
      parts.pace.answered();
      return table;
    } catch (error) {
      signal.throwIfAborted();
      const outcome = recorded.take();
      if (outcome.kind === 'reply' && outcome.reply.status !== 429) parts.pace.answered();
      // The SDK cannot read an answer without a body, and that is what a workspace without any data gives.
      if (outcome.kind === 'reply' && outcome.reply.status === 204) return { noData: outcome.reply };
      const fault = queryFault(workspaceId, error, outcome, now());
      if (outcome.kind === 'reply' && refusesToken(outcome.reply.status)) return { refused: fault };
      if (fault.kind === 'Throttled') await parts.pace.throttled(fault.retryAfterMs);
      throw fault;
    }
  }

  return { ask, close: () => http.close() };
}

/** A workspace that has never had any data is answered by 204, without a body. */
export interface NoData {
  readonly noData: HttpReply;
}

interface TokenRefused {
  readonly refused: Fault;
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
