import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { connectTemporal } from '../connect.ts';
import { cacheFolder } from '../dev-server/cache-folder.ts';
import { locateTemporal } from '../dev-server/locate-temporal.ts';
import { startDevServer } from '../dev-server/start-dev-server.ts';
import { applySchedule } from '../schedules.ts';
import { registerSearchAttributes } from '../search-attributes.ts';
import { DEMO_PIPELINE, demoConfig, demoSecrets } from './demo-config.ts';
import { CommandError, EXIT } from './exit-codes.ts';
import { aborted, interruptSignal } from './interrupt.ts';
import { createOutput, type Output } from './output.ts';
import { readConfig, withSecrets } from './read-config.ts';
import { showEnd } from './run-end.ts';
import { runSync, type SyncRun } from './run-sync.ts';
import { number } from './sandbox.ts';
import { sandboxCounts } from './sandbox-counts.ts';
import { type SandboxProcess, startSandboxProcess } from './sandbox-process.ts';

interface DemoOptions {
  readonly once?: true;
  readonly json?: true;
  readonly keep?: string;
  readonly feed?: string;
  readonly indicators: number;
  readonly seed: number;
  readonly minimumScore: number;
}

export function demoCommand(): Command {
  return new Command('demo')
    .description(
      'the whole job on this machine: Temporal with its UI, ledger, worker, and a sandbox of the outside APIs',
    )
    .option('--once', 'leave when the run is complete')
    .option('--json', 'print the counts as one JSON object, as the last line of standard output')
    .option(
      '--keep <dir>',
      "keep ledger, Temporal's state and what the sandbox holds there; a second run goes on from them",
    )
    .option('--feed <file>', 'the indicators of a CSV with the columns type,value,… instead of generated ones')
    .option('--indicators <count>', 'how many indicators to generate', number, 5_000)
    .option('--seed <number>', 'another seed, other indicators', number, 1)
    .option('--minimum-score <score>', 'deliver hosts with a reputation score of at least this', number, 75)
    .action(async (options: DemoOptions) => {
      const output = createOutput(options.json === true);
      const signal = interruptSignal(output.say);
      const cleanUps: (() => Promise<unknown>)[] = [];
      try {
        await demo(options, output, signal, (cleanUp) => cleanUps.unshift(cleanUp));
      } catch (error) {
        if (!signal.aborted) throw error;
        process.exitCode = EXIT.interrupted;
      } finally {
        for (const cleanUp of cleanUps) await cleanUp();
      }
    });
}

/** Each part that is brought up hands in how to take it down; they are taken down last first. */
async function demo(
  options: DemoOptions,
  output: Output,
  signal: AbortSignal,
  onEnd: (cleanUp: () => Promise<unknown>) => void,
): Promise<void> {
  const { createLogger } = await import('../../worker/logger.ts');
  const { runWorker } = await import('../../worker/run-worker.ts');
  const { migrateLedgerOf } = await import('../../worker/ledger-settings.ts');
  const folder = await workFolder(options.keep, onEnd);
  // Another demo may have what is kept: it is told before anything else of it is opened twice.
  if (options.keep !== undefined) await migrateLedgerOf({ path: join(folder, 'ledger') });
  const binary = await locateTemporal({ env: process.env, cacheDir: cacheFolder(process.env), say: output.say });
  // Neither gets the signal: a worker that is stopping still needs both.
  const startingServer = startDevServer({
    binary: binary.path,
    dbFile: join(folder, 'temporal.db'),
    logFile: join(folder, 'temporal.log'),
    searchAttributes: {},
  });
  const startingSandbox = startSandboxProcess(sandboxArguments(options, folder));
  onEnd(stopOnceStarted(startingServer));
  onEnd(stopOnceStarted(startingSandbox));
  const [server, sandbox] = await Promise.all([startingServer, startingSandbox]);
  const published = Date.now();
  signal.throwIfAborted();
  output.say(`Temporal serves at ${server.address}, its UI at ${server.uiUrl}`);

  const configFile = join(folder, 'mdti-sync.yaml');
  await writeFile(configFile, demoConfig(sandbox, join(folder, 'ledger'), options.minimumScore), { mode: 0o600 });
  const config = await withSecrets(await readConfig(configFile, output.say), demoSecrets(sandbox));
  const temporal = await connectTemporal({ address: server.address });
  onEnd(() => temporal.close());
  await registerSearchAttributes(temporal);

  const stopWorker = new AbortController();
  const worker = runWorker({
    config,
    connection: { address: server.address },
    namespace: temporal.namespace,
    logger: createLogger('warn'),
    signal: stopWorker.signal,
  });
  // That it ended is told by whoever waits for it below; the other parts are taken down either way.
  onEnd(async () => {
    stopWorker.abort();
    await worker.catch(() => undefined);
  });
  const partEnds = Promise.race([
    worker.then(() => endsEarly('worker')),
    server.exited.then(() => endsEarly('Temporal dev server')),
    sandbox.ended.then(() => endsEarly('sandbox')),
  ]);
  partEnds.catch(() => undefined);
  const pipeline = config.pipelines[DEMO_PIPELINE];
  if (pipeline === undefined) throw new Error('The demo has its one pipeline.');
  await applySchedule(temporal, DEMO_PIPELINE, pipeline.schedule, config.temporal.taskQueue);

  // What a kept sandbox has published again has to settle, to the whole second, or it would be left to the next run.
  await sleep(Math.max(0, published + pipeline.source.settle + 1_000 - Date.now()), undefined, { signal });
  const run = await Promise.race([runSync(temporal, DEMO_PIPELINE, output, signal), partEnds]);
  await report(run, server.uiUrl, sandbox, output);
  if (options.once === true) return;
  output.say('The schedule goes on every 15 minutes. Press Ctrl-C to end the demo.');
  await Promise.race([aborted(signal), partEnds]);
}

/** What did not start needs no stopping; what is still starting when the other one failed does. */
function stopOnceStarted(starting: Promise<{ stop(): Promise<void> }>): () => Promise<void> {
  return async () => {
    const started = await starting.catch(() => null);
    await started?.stop();
  };
}

function endsEarly(part: string): never {
  throw new CommandError(`The ${part} has ended before the demo did; what it said is above, if anything.`, EXIT.failed);
}

async function workFolder(keep: string | undefined, onEnd: (cleanUp: () => Promise<unknown>) => void): Promise<string> {
  if (keep !== undefined) {
    const folder = resolve(keep);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return folder;
  }
  const folder = await mkdtemp(join(tmpdir(), 'mdti-sync-demo-'));
  onEnd(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

function sandboxArguments(options: DemoOptions, folder: string): string[] {
  const kept = options.keep === undefined ? [] : ['--keep', join(folder, 'sandbox')];
  const rows =
    options.feed === undefined
      ? ['--indicators', String(options.indicators), '--seed', String(options.seed)]
      : ['--feed', resolve(options.feed)];
  return [...rows, ...kept];
}

async function report(run: SyncRun, uiUrl: string, sandbox: SandboxProcess, output: Output): Promise<void> {
  const temporalUi = `${uiUrl}/namespaces/default/workflows/${encodeURIComponent(run.workflowId)}`;
  const counts = await sandboxCounts(sandbox);
  output.print(`The run in the Temporal UI: ${temporalUi}`);
  output.print(
    `ThreatStream (the sandbox) holds ${counts.holds}, of which ${counts.duplicates} arrived twice; the sandbox answered ${counts.requests} requests in ${run.seconds.toFixed(1)} s.`,
  );
  showEnd(run, output, { temporalUi, sandbox: counts });
}
