import { Option } from 'commander';
import type { ResolvedConfig } from '../../config/resolve-secrets.ts';
import { workerSection } from '../../config/worker-section.ts';
import { chosenDeployment, DEPLOYMENT_OPTIONS, type DeploymentChoice } from './deployment-options.ts';
import { parsedBy } from './parsed-by.ts';

type WorkerConfig = ResolvedConfig['worker'];

/**
 * What one process may have of its own, over the configuration that it shares with others. An empty text is a variable that is
 * empty, which is one that is not set.
 */
export interface WorkerOverrides extends DeploymentChoice {
  readonly metricsListen?: NonNullable<WorkerConfig['metrics']>['listen'] | '';
  readonly healthListen?: NonNullable<WorkerConfig['health']>['listen'] | '';
  readonly stopWithin?: WorkerConfig['stopWithin'] | '';
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
  ...DEPLOYMENT_OPTIONS,
];

export function overridden(worker: WorkerConfig, overrides: WorkerOverrides): WorkerConfig {
  const { metricsListen, healthListen } = overrides;
  const deployment = chosenDeployment({
    deploymentName: overrides.deploymentName || worker.deployment.name,
    buildId: overrides.buildId || worker.deployment.buildId,
  });
  return {
    ...worker,
    deployment: deployment ?? {},
    ...(metricsListen ? { metrics: { listen: metricsListen } } : {}),
    ...(healthListen ? { health: { listen: healthListen } } : {}),
    stopWithin: overrides.stopWithin || worker.stopWithin,
  };
}
