import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import { type Logger, NativeConnection, type NativeConnectionOptions, Runtime, Worker } from '@temporalio/worker';
import { createActivities } from '../activities/create-activities.ts';
import type { ExclusionLists } from '../config/exclusion-lists.ts';
import { hostAndPort, type ListenAddress } from '../config/listen-address.ts';
import type { ResolvedConfig } from '../config/resolve-secrets.ts';
import type { Fault } from '../indicators/fault.ts';
import { cannotListen, serveHealth } from './health.ts';
import { BUCKETS, createMetrics } from './metrics.ts';
import { openParts } from './open-parts.ts';
import { type Readiness, reasonNotReady } from './readiness.ts';
import { watchLists } from './watch-lists.ts';
import { watchPipelines } from './watch-pipelines.ts';

export interface WorkerOptions {
  readonly config: ResolvedConfig;
  /** Read when they are not given. */
  readonly lists?: ExclusionLists;
  readonly connection: NativeConnectionOptions;
  readonly namespace: string;
  readonly logger: Logger;
  /** Ends the worker within `worker.stopWithin`. */
  readonly signal: AbortSignal;
  /** Called once it polls. */
  readonly onReady?: () => void;
}

/**
 * Runs one worker process until the signal aborts, and then no longer than `worker.stopWithin`: what is under way gets half of
 * that to finish, is then cancelled, which hands it to another worker at once, and at last abandoned, which hands it over when
 * its heartbeats are missed. Rejects when it cannot go on, as when its ledger has died. The process is to end after it: it may have left threads behind.
 */
export async function runWorker(options: WorkerOptions): Promise<void> {
  const { config } = options;
  installRuntime(options.logger, config.worker.metrics?.listen);
  const made: Readiness = { ledger: null, connection: null, worker: null };
  const { health } = config.worker;
  const death = new AbortController();
  const notAlive = (): string | null => (death.signal.aborted ? 'The ledger has died.' : null);
  const served = health === undefined ? null : await serveHealth(health.listen, () => reasonNotReady(made), notAlive);
  const mortal = { ...options, signal: AbortSignal.any([options.signal, death.signal]) };
  try {
    await Promise.race([
      withinDeadline(
        mortal,
        work(mortal, made, (fault) => death.abort(fault)),
      ),
      lastWill(death.signal),
    ]);
    death.signal.throwIfAborted();
  } catch (error) {
    // What else failed, failed for that.
    death.signal.throwIfAborted();
    throw error;
  } finally {
    await served?.close();
  }
}

/** What is under way when the ledger dies meets that at its next statement; what waits for somebody else is not waited for. */
const LAST_WILL_MS = 3_000;

/** Rejects with the reason some time after the ledger has died, so that steps can fail in order: then they are taken up again at once. */
async function lastWill(death: AbortSignal): Promise<never> {
  if (!death.aborted) await once(death, 'abort');
  await sleep(LAST_WILL_MS);
  throw death.reason;
}

/** Waits no longer than this share of the time to stop: the rest is for the process to end. */
const WAIT_SHARE = 0.9;

async function withinDeadline({ config, signal, logger }: WorkerOptions, working: Promise<void>): Promise<void> {
  const ended = new AbortController();
  const late = async (): Promise<void> => {
    if (!signal.aborted) await once(signal, 'abort', { signal: ended.signal });
    await sleep(config.worker.stopWithin * WAIT_SHARE, undefined, { signal: ended.signal });
    logger.warn('the time to stop is over: what is still under way is abandoned, and another worker takes it up');
  };
  try {
    await Promise.race([working, late()]);
  } finally {
    ended.abort();
  }
}

async function work(options: WorkerOptions, made: Readiness, onLedgerDeath: (fault: Fault) => void): Promise<void> {
  const { config, namespace, signal, logger } = options;
  const { taskQueue } = config.temporal;
  const pipelines = Object.keys(config.pipelines);
  const enrichments = Object.keys(config.enrichments);
  const metrics = createMetrics(Runtime.instance().metricMeter, pipelines, enrichments);
  const { parts, lists, close } = await openParts(config, metrics, {
    ...(options.lists === undefined ? {} : { lists: options.lists }),
    onLedgerDeath,
    stopping: signal,
  });
  made.ledger = parts.ledger;
  try {
    const connection = await connect(options.connection);
    made.connection = connection;
    const ending = new AbortController();
    const client = new Client({ connection, namespace });
    const watching = Promise.all([
      watchLists({ lists, pipelines: [...pipelines, ...enrichments], metrics, logger, signal: ending.signal }),
      config.worker.metrics === undefined
        ? null
        : watchPipelines({ pipelines, enrichments, taskQueue, parts, client, metrics, logger, signal: ending.signal }),
    ]);
    try {
      const worker = await Worker.create({
        connection,
        namespace,
        taskQueue,
        activities: createActivities(parts),
        ...tuning(config.worker),
        ...workflowCode(config.worker),
      });
      made.worker = worker;
      // A worker lets go of its connection only when it has run, so one that is not wanted any more runs and stops at once.
      const running = worker.run();
      const stop = (): void => {
        if (worker.getState() === 'RUNNING') worker.shutdown();
      };
      signal.addEventListener('abort', stop, { once: true });
      if (signal.aborted) stop();
      else options.onReady?.();
      await running;
    } finally {
      ending.abort();
      await watching;
      await connection.close();
    }
  } finally {
    await close();
  }
}

/** The command has looked whether Temporal can be reached; what is left is what the worker's own TLS is stricter about. */
async function connect(options: NativeConnectionOptions): Promise<NativeConnection> {
  try {
    return await NativeConnection.connect(options);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`The worker could not connect to Temporal at ${options.address ?? 'localhost:7233'} (${why}).`, {
      cause: error,
    });
  }
}

/** Polls are added as the server says that work waits, instead of being held open by an idle worker. */
function tuning(worker: ResolvedConfig['worker']) {
  const { activitySlots, workflowSlots, cachedWorkflows, pollers, stopWithin } = worker;
  const polls = { type: 'autoscaling', maximum: pollers, initial: Math.min(pollers, 5) } as const;
  return {
    maxConcurrentActivityTaskExecutions: activitySlots,
    maxConcurrentWorkflowTaskExecutions: workflowSlots,
    maxCachedWorkflows: cachedWorkflows,
    workflowTaskPollerBehavior: polls,
    activityTaskPollerBehavior: polls,
    shutdownGraceTime: stopWithin / 2,
  };
}

/** A worker that says its build has a bundle that says of each workflow whether it stays with it. */
function workflowCode({ deployment: { name, buildId } }: ResolvedConfig['worker']) {
  if (name === undefined || buildId === undefined) return { workflowBundle: bundle('workflow-bundle.js') };
  return {
    workflowBundle: bundle('versioned-workflow-bundle.js'),
    workerDeploymentOptions: {
      version: { deploymentName: name, buildId },
      useWorkerVersioning: true,
      defaultVersioningBehavior: 'AUTO_UPGRADE',
    },
  } as const;
}

function bundle(file: string) {
  return { codePath: fileURLToPath(new URL(file, import.meta.url)) };
}

let installed = false;

/** The SDK's runtime is one for the process: a second worker in it shares the first one's. */
function installRuntime(logger: Logger, metrics: ListenAddress | undefined): void {
  if (installed) return;
  try {
    Runtime.install({
      logger,
      shutdownSignals: [],
      telemetryOptions: {
        logging: { forward: {}, filter: { core: 'WARN', other: 'ERROR' } },
        ...(metrics === undefined
          ? {}
          : {
              metrics: {
                attachServiceName: false,
                prometheus: { bindAddress: hostAndPort(metrics), histogramBucketOverrides: { ...BUCKETS } },
              },
            }),
      },
    });
    installed = true;
  } catch (error) {
    if (metrics === undefined) throw error;
    throw new Error(cannotListen('worker.metrics.listen', metrics, error), { cause: error });
  }
}
