import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Logger } from '@temporalio/worker';
import type { Parts } from '../activities/parts.ts';
import { MdtiPipeline, quoted } from '../workflows/search-attributes.ts';
import { coverageGauge } from './coverage-gauge.ts';
import type { Metrics } from './metrics.ts';

export interface Watch {
  readonly pipelines: readonly string[];
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
      const blocked = await blockedPipelines(watch.client, watch.taskQueue);
      for (const { name } of gauges) metrics.blocked(name, blocked.has(name));
    } catch (error) {
      logger.warn('the gauges of the pipelines could not be brought up to date', { error });
    }
    await sleep(EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined);
  }
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
