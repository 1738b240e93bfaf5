import { Command } from 'commander';
import { registerSearchAttributes } from '../search-attributes.ts';
import { CommandError, EXIT } from './exit-codes.ts';
import { createOutput } from './output.ts';
import { withTemporal } from './with-temporal.ts';

export function setupCommand(): Command {
  return new Command('setup')
    .description('prepare a Temporal namespace: register the search attributes (safe to run again)')
    .option('--json', 'print one JSON object')
    .action(async (options: { json?: true }) => {
      const output = createOutput(options.json === true);
      await withTemporal(async (temporal) => {
        const registration = await registerSearchAttributes(temporal);
        if (registration.kind === 'by hand') throw new CommandError(registration.sentence, EXIT.failed);
        const registered = registration.names;
        output.print(
          registered.length === 0
            ? `Namespace ${temporal.namespace} has all search attributes.`
            : `Registered in namespace ${temporal.namespace}: ${registered.join(', ')}.`,
        );
        output.result({ namespace: temporal.namespace, registered });
      });
    });
}
