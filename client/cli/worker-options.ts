import { InvalidArgumentError, Option } from 'commander';
import type { z } from 'zod';
import type { ResolvedConfig } from '../../config/resolve-secrets.ts';
import { workerSection } from '../../config/worker-section.ts';

type WorkerConfig = ResolvedConfig['worker'];

/** What one process may have of its own, over the configuration that it shares with others. */
export interface WorkerOverrides {
  readonly metricsListen?: NonNullable<WorkerConfig['metrics']>['listen'];
  readonly healthListen?: NonNullable<WorkerConfig['health']>['listen'];
  readonly stopWithin?: WorkerConfig['stopWithin'];
}

const { metrics, health, stopWithin } = workerSection.shape;

export const WORKER_OPTIONS: readonly Option[] = [
  new Option('--metrics-listen <address:port>', 'serve metrics to Prometheus there (worker.metrics.listen)')
    .env('MDTI_SYNC_METRICS_LISTEN')
    .argParser(parsedBy(metrics.unwrap().shape.listen)),
  new Option('--health-listen <address:port>', 'serve /healthz and /readyz there (worker.health.listen)')
    .env('MDTI_SYNC_HEALTH_LISTEN')
    .argParser(parsedBy(health.unwrap().shape.listen)),
  new Option('--stop-within <duration>', 'end within this when told to stop (worker.stopWithin)')
    .env('MDTI_SYNC_SHUTDOWN_GRACE')
    .argParser(parsedBy(stopWithin)),
];

export function overridden(worker: WorkerConfig, overrides: WorkerOverrides): WorkerConfig {
  return {
    ...worker,
    ...(overrides.metricsListen === undefined ? {} : { metrics: { listen: overrides.metricsListen } }),
    ...(overrides.healthListen === undefined ? {} : { health: { listen: overrides.healthListen } }),
    ...(overrides.stopWithin === undefined ? {} : { stopWithin: overrides.stopWithin }),
  };
}

/** A setting is the same wherever it is made. An empty variable is one that is not set, as Compose files have them. */
function parsedBy<T>(schema: z.ZodType<T>): (text: string) => T | undefined {
  return (text) => {
    if (text === '') return undefined;
    const parsed = schema.safeParse(text, { reportInput: true });
    if (parsed.success) return parsed.data;
    throw new InvalidArgumentError(`${parsed.error.issues[0]?.message ?? 'It is not understood'}.`);
  };
}
