import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Logger } from '@temporalio/worker';
import type { Parts } from '../activities/parts.ts';
import { artifactStanding } from '../ledger/artifacts.ts';
import { doneSoFar } from '../ledger/enrichment-counts.ts';
import { passesOf } from '../ledger/enrichments.ts';
import { MdtiPipeline, quoted } from '../workflows/search-attributes.ts';
import { coverageGauge } from './coverage-gauge.ts';
import type { Metrics } from './metrics.ts';

export interface Watch {
  readonly pipelines: readonly string[];
  /** Those that enrich. */
  readonly enrichments: readonly string[];
  readonly taskQueue: string;
  readonly parts: Parts;
  readonly client: Client;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** As often as Prometheus looks by default. */
const EVERY_MS = 15_000;

/**
 * Keeps the gauges of the pipelines current until the signal aborts. Every worker shows them, whoever did the work: over several,
 * take the largest. What cannot be read keeps its last value, and the log says so.
 */
export async function watchPipelines({ parts, metrics, logger, signal, ...watch }: Watch): Promise<void> {
  const gauges = watch.pipelines.map((name) => ({
    name,
    coverage: coverageGauge(parts.ledger, name, parts.pipeline(name).since),
  }));
  while (!signal.aborted) {
    try {
      for (const { name, coverage } of gauges) metrics.coverage(name, await coverage(parts.now()));
      for (const name of watch.enrichments) await showEnrichment(parts, metrics, name);
      const blocked = await blockedPipelines(watch.client, watch.taskQueue);
      for (const name of [...watch.pipelines, ...watch.enrichments]) metrics.blocked(name, blocked.has(name));
    } catch (error) {
      logger.warn('the gauges of the pipelines could not be brought up to date', { error });
    }
    await sleep(EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

/** Its coverage ends where all was read that had changed; it has no gaps. */
async function showEnrichment({ ledger, now }: Parts, metrics: Metrics, name: string): Promise<void> {
  metrics.enriched(name, { standing: await artifactStanding(ledger, name), done: await doneSoFar(ledger, name) });
  const passes = await passesOf(ledger, name);
  if (passes === null) return;
  const end = Date.parse(passes.readAt ?? passes.began);
  metrics.coverage(name, { lagSeconds: Math.max(0, (now().getTime() - end) / 1_000), gaps: 0 });
}

/** Blocked is a state of the run, which Temporal shows in its lists: it outlives the worker that ran into it. */
async function blockedPipelines(client: Client, taskQueue: string): Promise<ReadonlySet<string>> {
  const query = `MdtiState = 'blocked' and ExecutionStatus = 'Running' and TaskQueue = ${quoted(taskQueue)}`;
  const blocked = new Set<string>();
  for await (const run of client.workflow.list({ query })) {
    const pipeline = run.typedSearchAttributes.get(MdtiPipeline);
    if (pipeline !== undefined) blocked.add(pipeline);
  }
  return blocked;
}
