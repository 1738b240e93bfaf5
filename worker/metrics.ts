import type { MetricMeter } from '@temporalio/common';
import type { Telemetry } from '../activities/telemetry.ts';
import { KINDS } from '../destinations/kinds.ts';
import type { Observe } from '../http/http-client.ts';
import { NO_ROWS } from '../indicators/counts.ts';
import { type EnrichDone, type EnrichStanding, NO_ARTIFACTS, NOTHING_DONE } from '../indicators/enrich-counts.ts';
import type { Pace } from '../rates/pace.ts';

/** The outside parties, as the label `api` names them. */
const APIS: readonly string[] = ['entra', 'logs', 'graph', ...KINDS.map(({ type }) => type)];

/** What a request may come to; 429 is not part of 4xx. */
const STATUSES = ['2xx', '3xx', '4xx', '429', '5xx', 'unreachable', 'aborted'] as const;

export interface Metrics extends Telemetry {
  /** For a client of that API: counts its requests and times them. */
  readonly requests: (api: string) => Observe;
  /** The same pace, with the time timed that its callers wait for their turn. */
  readonly timed: (api: string, pace: Pace) => Pace;
  readonly coverage: (pipeline: string, now: { readonly lagSeconds: number; readonly gaps: number }) => void;
  readonly blocked: (pipeline: string, isBlocked: boolean) => void;
  /** Of a pipeline that enriches: how all stands, and what it has ever done. */
  readonly enriched: (pipeline: string, now: { readonly standing: EnrichStanding; readonly done: EnrichDone }) => void;
  /** Files of exclusion lists of which the last good list is in force, not the newest. */
  readonly staleLists: (pipeline: string, files: number) => void;
}

/** Upper bounds in seconds: from an answer on the same network to a query of ten minutes. */
const SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];

/** The bounds of our histograms, by name, for the exporter. */
export const BUCKETS = { mdti_sync_request_seconds: SECONDS, mdti_sync_rate_wait_seconds: SECONDS } as const;

/** Their sum is all artifacts. */
const STANDINGS = ['right', 'hashes', 'noHost', 'excluded', 'aside', 'pending'] as const;

const ROW_OUTCOMES = ['new', 'changed', 'unchanged', 'excluded', 'malformed', 'merged'] as const;

/**
 * Our metrics. Labels are names of the configuration and words from short lists: never an indicator, never a secret. Counters
 * start at 0 with the process, and so do their series: a rate sees the first of anything.
 */
export function createMetrics(
  meter: MetricMeter,
  pipelines: readonly string[],
  enrichments: readonly string[] = [],
): Metrics {
  const counter = (name: string, description: string) =>
    meter.createCounter(`mdti_sync_${name}_total`, '', description);
  const histogram = (name: keyof typeof BUCKETS, description: string) =>
    meter.createHistogram(name, 'float', '', description);
  const gauge = (name: string, description: string) => meter.createGauge(`mdti_sync_${name}`, 'float', '', description);

  const rows = counter('rows', 'Rows read from the workspace');
  const indicators = counter('indicators', 'What became of the rows');
  const quarantined = counter('quarantined', 'Rows set aside because they could not be read');
  const lookups = counter('lookups', 'Reputations asked for, host by host');
  const decisions = counter('decisions', 'What the policy said of indicators');
  const deliveries = counter('deliveries', 'What the destination said of indicators');
  const requestCount = counter('requests', 'Requests to outside APIs');
  const requestTime = histogram('mdti_sync_request_seconds', 'Time of a whole request, in seconds');
  const waitTime = histogram('mdti_sync_rate_wait_seconds', 'Time waited for a slot of the rate budget, in seconds');
  const lag = gauge('coverage_lag_seconds', 'Age of the end of gapless coverage, in seconds');
  const gaps = gauge('coverage_gaps', 'Holes in coverage');
  const blocked = gauge('blocked', '1 while a run waits for a person');
  const artifacts = gauge('artifacts', 'Artifacts that are enriched, by how they stand');
  const enriched = gauge('enriched', 'What enriching has done, over all workers and runs');
  const staleLists = gauge('stale_lists', 'Files of exclusion lists that cannot be used as they are now');

  const metrics: Metrics = {
    extracted(pipeline, counts) {
      rows.add(counts.rows, { pipeline });
      for (const outcome of ROW_OUTCOMES) {
        indicators.add(counts[outcome], { pipeline, outcome });
      }
      quarantined.add(counts.malformed, { pipeline });
    },
    lookedUp(of, { scored, noReputation, failed }) {
      // Without a value, which to Prometheus is without the label: a person has asked for them.
      const pipeline = of ?? '';
      lookups.add(scored, { pipeline, outcome: 'scored' });
      lookups.add(noReputation, { pipeline, outcome: 'no-reputation' });
      lookups.add(failed, { pipeline, outcome: 'failed' });
    },
    decided(pipeline, { deliver, hold }) {
      decisions.add(deliver, { pipeline, decision: 'deliver' });
      decisions.add(hold, { pipeline, decision: 'hold' });
    },
    settled(pipeline, { confirmed = 0, rejected = 0, retracted = 0 }) {
      deliveries.add(confirmed, { pipeline, state: 'confirmed' });
      deliveries.add(rejected, { pipeline, state: 'rejected' });
      deliveries.add(retracted, { pipeline, state: 'retracted' });
    },
    requests:
      (api) =>
      ({ outcome, seconds }) => {
        requestCount.add(1, { api, status: typeof outcome === 'number' ? statusClass(outcome) : outcome });
        requestTime.record(seconds, { api });
      },
    timed: (api, pace) => ({
      async before(signal, requests) {
        const begun = performance.now();
        try {
          await pace.before(signal, requests);
        } finally {
          waitTime.record((performance.now() - begun) / 1_000, { api });
        }
      },
      answered: (requests) => pace.answered(requests),
      throttled: (retryAfterMs) => pace.throttled(retryAfterMs),
    }),
    coverage(pipeline, now) {
      lag.set(now.lagSeconds, { pipeline });
      gaps.set(now.gaps, { pipeline });
    },
    blocked(pipeline, isBlocked) {
      blocked.set(isBlocked ? 1 : 0, { pipeline });
    },
    enriched(pipeline, { standing, done }) {
      for (const name of STANDINGS) artifacts.set(standing[name], { pipeline, standing: name });
      for (const [what, count] of Object.entries(done)) enriched.set(count, { pipeline, what });
    },
    staleLists(pipeline, files) {
      staleLists.set(files, { pipeline });
    },
  };
  for (const pipeline of pipelines) {
    metrics.extracted(pipeline, NO_ROWS);
    metrics.lookedUp(pipeline, { scored: 0, noReputation: 0, failed: 0 });
    metrics.decided(pipeline, { deliver: 0, hold: 0 });
    metrics.settled(pipeline, {});
    metrics.staleLists(pipeline, 0);
  }
  for (const pipeline of enrichments) {
    metrics.lookedUp(pipeline, { scored: 0, noReputation: 0, failed: 0 });
    metrics.enriched(pipeline, { standing: NO_ARTIFACTS, done: NOTHING_DONE });
    metrics.staleLists(pipeline, 0);
  }
  for (const api of APIS) for (const status of STATUSES) requestCount.add(0, { api, status });
  return metrics;
}

function statusClass(status: number): string {
  return status === 429 ? '429' : `${Math.floor(status / 100)}xx`;
}
