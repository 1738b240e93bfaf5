import { Command } from 'commander';
import { runReport } from '../run-report.ts';
import { CommandError, EXIT } from './exit-codes.ts';
import { interruptSignal } from './interrupt.ts';
import { createOutput } from './output.ts';
import { runSync } from './run-sync.ts';
import { withTemporal } from './with-temporal.ts';

export function syncCommand(): Command {
  return new Command('sync')
    .description('run a pipeline now and follow the run to its end; Ctrl-C stops following, not the run')
    .requiredOption('--pipeline <name>', 'the pipeline, as it is named in the configuration')
    .option('--json', 'print one JSON object as the last line of standard output')
    .action(async (options: { pipeline: string; json?: true }) => {
      const output = createOutput(options.json === true);
      const signal = interruptSignal(output.say);
      await withTemporal(async (temporal) => {
        const { workflowId, end, seconds } = await runSync(temporal, options.pipeline, output, signal);
        if (end.kind === 'completed') {
          output.print(runReport(end.counts));
          output.result({ workflowId, ...end.counts, seconds });
          return;
        }
        output.result({ workflowId, state: end.kind, reason: end.reason, seconds });
        throw new CommandError(
          end.kind === 'blocked'
            ? `The run ${workflowId} is blocked: ${end.reason} Mend it, then send it the update 'resume'.`
            : `The run ${workflowId} failed: ${end.reason}`,
          end.kind === 'blocked' ? EXIT.blocked : EXIT.failed,
        );
      });
    });
}
