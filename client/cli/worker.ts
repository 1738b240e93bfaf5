import { Command, Option } from 'commander';
import { missingSearchAttribute } from '../search-attributes.ts';
import { temporalSettings } from '../temporal-settings.ts';
import { configOption } from './config-option.ts';
import { interruptSignal } from './interrupt.ts';
import { createOutput, type Output } from './output.ts';
import { ledgerWithSecret, readConfig, withLists, withSecrets } from './read-config.ts';
import { withTemporal } from './with-temporal.ts';
import { overridden, WORKER_OPTIONS, type WorkerOverrides } from './worker-options.ts';

interface WorkerCommandOptions extends WorkerOverrides {
  readonly config: string;
  readonly logLevel: string;
  readonly migrateOnly?: true;
  readonly reindex?: true;
}

export function workerCommand(): Command {
  const command = new Command('worker')
    .description('the process that does the work, until Ctrl-C or SIGTERM; logs JSON lines to standard error')
    .addOption(configOption())
    .option('--log-level <level>', 'trace, debug, info, warn or error', 'info')
    .option('--migrate-only', 'bring the ledger to the schema of this release, with a role that may do so, and leave')
    .addOption(
      new Option('--reindex', 'build the indexes of the ledger anew, as when one is broken, and leave').conflicts(
        'migrateOnly',
      ),
    )
    .action(async (options: WorkerCommandOptions) => {
      const output = createOutput(false);
      if (options.migrateOnly === true) return migrateOnly(options.config, output);
      if (options.reindex === true) return reindex(options.config, output);
      // The Temporal runtime is native and large: other commands start without it.
      const { createLogger } = await import('../../worker/logger.ts');
      const { runWorker } = await import('../../worker/run-worker.ts');
      const shared = await withSecrets(await readConfig(options.config, output.say), process.env);
      const lists = await withLists(shared, output.say);
      const config = { ...shared, worker: overridden(shared.worker, options) };
      const { connection, namespace } = temporalSettings();
      // A namespace may be prepared after its workers have started, and may need a minute to know it.
      const missing = await withTemporal(missingSearchAttribute);
      if (missing !== null) output.say(`Warning: ${missing}`);
      await runWorker({
        config,
        lists,
        connection,
        namespace,
        logger: createLogger(options.logLevel),
        signal: interruptSignal(output.say),
        onReady: () => output.say(`The worker polls ${config.temporal.taskQueue} in namespace ${namespace}.`),
      });
    });
  for (const option of WORKER_OPTIONS) command.addOption(option);
  return command;
}

/** Needs the ledger and its secret, nothing else. */
async function migrateOnly(configFile: string, output: Output): Promise<void> {
  const { migrateLedgerOf } = await import('../../worker/ledger-settings.ts');
  const added = await migrateLedgerOf(await ledgerWithSecret(await readConfig(configFile, output.say), process.env));
  output.print(
    added.length === 0
      ? 'The ledger has the schema of this release.'
      : `The ledger has the schema of this release now. Added: ${added.join(', ')}.`,
  );
}

/** Needs the ledger and its secret, nothing else. */
async function reindex(configFile: string, output: Output): Promise<void> {
  const { reindexLedgerOf } = await import('../../worker/ledger-settings.ts');
  await reindexLedgerOf(await ledgerWithSecret(await readConfig(configFile, output.say), process.env));
  output.print(
    "The indexes of the ledger are built anew. Start the workers; blocked runs go on within the hour, or with 'resume'.",
  );
}
