import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { NoWorker, TemporalMisconfigured, TemporalUnreachable } from '../temporal-errors.ts';
import { CommandError, EXIT } from './exit-codes.ts';

const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));

/** In the order of the help. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  demo: async () => (await import('./demo.ts')).demoCommand(),
  sandbox: async () => (await import('./sandbox.ts')).sandboxCommand(),
  worker: async () => (await import('./worker.ts')).workerCommand(),
  setup: async () => (await import('./setup.ts')).setupCommand(),
  schedule: async () => (await import('./schedule.ts')).scheduleCommand(),
  sync: async () => (await import('./sync.ts')).syncCommand(),
  backfill: async () => (await import('./backfill.ts')).backfillCommand(),
  runs: async () => (await import('./runs.ts')).runsCommand(),
  coverage: async () => (await import('./coverage.ts')).coverageCommand(),
  status: async () => (await import('./status.ts')).statusCommand(),
  redeliver: async () => (await import('./redeliver.ts')).redeliverCommand(),
  enrich: async () => (await import('./enrich.ts')).enrichCommand(),
  config: async () => (await import('./config.ts')).configCommand(),
};

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
// What a command needs takes longer to load than most commands take: the one that is named is enough.
const asked = Object.entries(COMMANDS).filter(([name]) => name === process.argv[2]);
for (const [, command] of asked.length === 0 ? Object.entries(COMMANDS) : asked) program.addCommand(await command());
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
