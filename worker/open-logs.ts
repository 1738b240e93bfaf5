import type { TokenCredential } from '@azure/identity';
import type { ResolvedConfig } from '../config/resolve-secrets.ts';
import type { Proxy } from '../http/proxy.ts';
import type { LedgerDb } from '../ledger/open-ledger.ts';
import { ledgerPace } from '../rates/ledger-pace.ts';
import { ledgerTurns } from '../rates/ledger-turns.ts';
import { isUrgent } from '../rates/urgency.ts';
import { limitedLogs } from '../sentinel/limited-logs.ts';
import { createLogsClient, type LogsClient } from '../sentinel/logs-client.ts';
import type { Metrics } from './metrics.ts';

export const LOGS_BUDGET = { budget: 'Log Analytics', api: 'Log Analytics' } as const;

/** Log Analytics, within the budget and the turns that all its queries share. */
export function openLogs(
  { logAnalytics, ledger, network }: ResolvedConfig,
  deps: {
    credential: TokenCredential;
    ledger: LedgerDb;
    now: () => Date;
    network: { ca?: string; proxy?: Proxy };
    metrics: Metrics;
  },
): LogsClient {
  const perSecond = logAnalytics.per30Seconds / 30;
  const logs = createLogsClient(
    {
      endpoint: logAnalytics.endpoint,
      scope: logAnalytics.scope,
      serverTimeoutSeconds: logAnalytics.serverTimeout / 1_000,
      maxReply: logAnalytics.maxReply,
      ...deps.network,
    },
    {
      credential: deps.credential,
      pace: deps.metrics.timed(
        'logs',
        ledgerPace(
          deps.ledger,
          LOGS_BUDGET,
          { perSecond, burst: Math.ceil(perSecond * 5), longestPauseMs: network.longestRetryAfter },
          { now: deps.now, isUrgent },
        ),
      ),
      now: deps.now,
      observe: deps.metrics.requests('logs'),
    },
  );
  const width = logAnalytics.concurrency;
  // An embedded ledger has one worker, which keeps the limit by itself.
  if ('path' in ledger) return limitedLogs(logs, width, isUrgent);
  return limitedLogs(logs, width, isUrgent, ledgerTurns(deps.ledger, LOGS_BUDGET.budget, width));
}
