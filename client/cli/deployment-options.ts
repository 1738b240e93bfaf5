import { Option } from 'commander';
import { workerSection } from '../../config/worker-section.ts';
import { CommandError, EXIT } from './exit-codes.ts';
import { parsedBy } from './parsed-by.ts';

/** A build of the worker, as Temporal's worker versioning knows it. */
export interface Deployment {
  readonly name: string;
  readonly buildId: string;
}

export interface DeploymentChoice {
  readonly deploymentName?: string | undefined;
  readonly buildId?: string | undefined;
}

const { name, buildId } = workerSection.shape.deployment.unwrap().shape;

export const DEPLOYMENT_OPTIONS: readonly Option[] = [
  new Option('--deployment-name <name>', 'worker versioning: name of the deployment (worker.deployment.name)')
    .env('TEMPORAL_WORKER_DEPLOYMENT_NAME')
    // By the name that the Temporal Worker Controller has for it.
    .default(process.env['TEMPORAL_DEPLOYMENT_NAME'], 'TEMPORAL_DEPLOYMENT_NAME')
    .argParser(parsedBy(name)),
  new Option('--build-id <id>', 'worker versioning: id of this build (worker.deployment.buildId)')
    .env('TEMPORAL_WORKER_BUILD_ID')
    .argParser(parsedBy(buildId)),
];

/** Null without any. Half of one ends the command: a worker that does not say its build takes work that is not meant for it. */
export function chosenDeployment(choice: DeploymentChoice): Deployment | null {
  const chosen = choice.deploymentName ?? '';
  const build = choice.buildId ?? '';
  if (chosen === '' && build === '') return null;
  if (chosen !== '' && build !== '') return { name: chosen, buildId: build };
  throw new CommandError(
    `Worker versioning needs both the name of the deployment and the id of the build; ${chosen === '' ? 'the name' : 'the id'} is missing. Set TEMPORAL_WORKER_DEPLOYMENT_NAME and TEMPORAL_WORKER_BUILD_ID, or neither.`,
    EXIT.usage,
  );
}
