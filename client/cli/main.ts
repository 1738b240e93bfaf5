import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { TemporalUnreachable } from '../connect.ts';
import { NoWorker } from '../no-worker.ts';
import { TemporalMisconfigured } from '../temporal-settings.ts';
import { backfillCommand } from './backfill.ts';
import { configCommand } from './config.ts';
import { coverageCommand } from './coverage.ts';
import { demoCommand } from './demo.ts';
import { CommandError, EXIT } from './exit-codes.ts';
import { redeliverCommand } from './redeliver.ts';
import { runsCommand } from './runs.ts';
import { sandboxCommand } from './sandbox.ts';
import { scheduleCommand } from './schedule.ts';
import { setupCommand } from './setup.ts';
import { statusCommand } from './status.ts';
import { syncCommand } from './sync.ts';
import { workerCommand } from './worker.ts';

const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));

const program = new Command('mdti-sync')
  .description(
    'Moves Microsoft Defender Threat Intelligence indicators from Microsoft Sentinel into a threat intelligence platform, durably, on Temporal.',
  )
  .version(String(version))
  .showHelpAfterError('(add --help for what is possible)')
  .addHelpText(
    'after',
    `
Temporal is reached as its own tools reach it: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS_*, temporal.toml.

Exit codes: 0 done, 1 tried and failed, 2 wrong option or configuration, 3 Temporal or a worker was not reached,
4 the run is blocked or paused and waits for a person, 130 interrupted.`,
  );
for (const command of [
  demoCommand(),
  sandboxCommand(),
  workerCommand(),
  setupCommand(),
  scheduleCommand(),
  syncCommand(),
  backfillCommand(),
  runsCommand(),
  coverageCommand(),
  statusCommand(),
  redeliverCommand(),
  configCommand(),
]) {
  program.addCommand(command);
}
// A usage error is a sentence and exit code 2, in every subcommand too; and a subcommand's options are its own, also where the
// command above it has one of the same name.
for (const command of [program, ...program.commands, ...program.commands.flatMap((parent) => parent.commands)]) {
  command.exitOverride();
  command.enablePositionalOptions();
}

// Whoever reads our output may have read enough (`| head`): that is no failure.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error) => {
    if (!('code' in error) || error.code !== 'EPIPE') throw error;
  });
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
// A connection that is kept alive for the next request would keep the process, too.
await Promise.all(
  [process.stdout, process.stderr].map((stream) => new Promise((resolve) => stream.write('', resolve))),
);
process.exit();

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  const sentence = error instanceof Error ? error.message : String(error);
  process.stderr.write(`mdti-sync: ${sentence}\n`);
  if (error instanceof CommandError) return error.exitCode;
  if (error instanceof TemporalMisconfigured) return EXIT.usage;
  if (error instanceof TemporalUnreachable || error instanceof NoWorker) return EXIT.unreachable;
  return EXIT.failed;
}
