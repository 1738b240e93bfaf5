import { fileURLToPath } from 'node:url';
import { type Logger, NativeConnection, type NativeConnectionOptions, Runtime, Worker } from '@temporalio/worker';
import { createActivities } from '../activities/create-activities.ts';
import type { ResolvedConfig } from '../config/resolve-secrets.ts';
import { openParts } from './open-parts.ts';

export interface WorkerOptions {
  readonly config: ResolvedConfig;
  readonly connection: NativeConnectionOptions;
  readonly namespace: string;
  readonly logger: Logger;
  /** Ends the worker: activities under way get `graceMs` to finish. */
  readonly signal: AbortSignal;
  /** Called once it polls. */
  readonly onReady?: () => void;
}

/** What is under way at a stop gets this long; what does not finish is taken up by the next worker. */
const GRACE_MS = 10_000;
const FORCE_MS = 20_000;

/** Runs one worker process until the signal aborts. Rejects when it cannot go on. */
export async function runWorker(options: WorkerOptions): Promise<void> {
  const { config, namespace, signal } = options;
  installLogger(options.logger);
  const opened = await openParts(config);
  try {
    const connection = await NativeConnection.connect(options.connection);
    try {
      const worker = await Worker.create({
        connection,
        namespace,
        taskQueue: config.temporal.taskQueue,
        workflowBundle: { codePath: fileURLToPath(new URL('./workflow-bundle.js', import.meta.url)) },
        activities: createActivities(opened.parts),
        shutdownGraceTime: GRACE_MS,
        shutdownForceTime: FORCE_MS,
        maxConcurrentActivityTaskExecutions: 50,
        maxCachedWorkflows: 200,
      });
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
      await connection.close();
    }
  } finally {
    await opened.close();
  }
}

let installed = false;

/** The SDK's runtime is one for the process: a second worker in it shares the first one's. */
function installLogger(logger: Logger): void {
  if (installed) return;
  installed = true;
  Runtime.install({
    logger,
    shutdownSignals: [],
    telemetryOptions: { logging: { forward: {}, filter: { core: 'WARN', other: 'ERROR' } } },
  });
}
