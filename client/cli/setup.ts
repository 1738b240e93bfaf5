import { Command } from 'commander';
import { makeCurrent } from '../make-current.ts';
import { registerSearchAttributes } from '../search-attributes.ts';
import { chosenDeployment, DEPLOYMENT_OPTIONS, type DeploymentChoice } from './deployment-options.ts';
import { CommandError, EXIT } from './exit-codes.ts';
import { createOutput } from './output.ts';
import { withTemporal } from './with-temporal.ts';

interface SetupOptions extends DeploymentChoice {
  readonly json?: true;
  readonly makeCurrent?: true;
}

export function setupCommand(): Command {
  const command = new Command('setup')
    .description('prepare a Temporal namespace: register the search attributes (safe to run again)')
    .option('--json', 'print one JSON object')
    .option('--make-current', 'worker versioning: from now on, new work goes to this build')
    .action(async (options: SetupOptions) => {
      const output = createOutput(options.json === true);
      const build = options.makeCurrent === true ? wanted(options) : null;
      await withTemporal(async (temporal) => {
        const registration = await registerSearchAttributes(temporal);
        if (registration.kind === 'by hand') throw new CommandError(registration.sentence, EXIT.failed);
        const registered = registration.names;
        output.print(
          registered.length === 0
            ? `Namespace ${temporal.namespace} has all search attributes.`
            : `Registered in namespace ${temporal.namespace}: ${registered.join(', ')}.`,
        );
        if (build !== null) {
          await makeCurrent(temporal, build);
          output.print(`Build ${build.buildId} of ${build.name} is current: new work goes to it.`);
        }
        output.result({ namespace: temporal.namespace, registered, ...(build === null ? {} : { current: build }) });
      });
    });
  for (const option of DEPLOYMENT_OPTIONS) command.addOption(option);
  return command;
}

function wanted(options: DeploymentChoice) {
  const build = chosenDeployment(options);
  if (build !== null) return build;
  throw new CommandError('--make-current needs --deployment-name and --build-id, or their variables.', EXIT.usage);
}
