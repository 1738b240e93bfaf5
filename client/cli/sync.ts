import { Command } from 'commander';
import { interruptSignal } from './interrupt.ts';
import { createOutput } from './output.ts';
import { pipelineOption } from './pipeline-option.ts';
import { showEnd } from './run-end.ts';
import { runSync } from './run-sync.ts';
import { withTemporal } from './with-temporal.ts';

export function syncCommand(): Command {
  return new Command('sync')
    .description('run a pipeline now and follow the run to its end; Ctrl-C stops following, not the run')
    .addOption(pipelineOption().makeOptionMandatory())
    .option('--json', 'print one JSON object as the last line of standard output')
    .action(async (options: { pipeline: string; json?: true }) => {
      const output = createOutput(options.json === true);
      const signal = interruptSignal(output.say);
      await withTemporal(async (temporal) => {
        showEnd(await runSync(temporal, options.pipeline, output, signal), output);
      });
    });
}
