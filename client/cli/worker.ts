import { loadClientConnectConfig } from '@temporalio/envconfig';
import { Command } from 'commander';
import { configOption } from './config-option.ts';
import { interruptSignal } from './interrupt.ts';
import { createOutput } from './output.ts';
import { readConfig, withSecrets } from './read-config.ts';

export function workerCommand(): Command {
  return new Command('worker')
    .description('the process that does the work, until Ctrl-C or SIGTERM; logs JSON lines to standard error')
    .addOption(configOption())
    .option('--log-level <level>', 'trace, debug, info, warn or error', 'info')
    .action(async (options: { config: string; logLevel: string }) => {
      const output = createOutput(false);
      // The Temporal runtime is native and large: other commands start without it.
      const { createLogger } = await import('../../worker/logger.ts');
      const { runWorker } = await import('../../worker/run-worker.ts');
      const config = await withSecrets(await readConfig(options.config, output.say), process.env);
      const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
      await runWorker({
        config,
        connection: connectionOptions,
        namespace,
        logger: createLogger(options.logLevel),
        signal: interruptSignal(output.say),
        onReady: () => output.say(`The worker polls ${config.temporal.taskQueue} in namespace ${namespace}.`),
      });
    });
}
