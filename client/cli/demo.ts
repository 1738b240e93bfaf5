import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { DEFAULT_KIND, KINDS } from '../../destinations/kinds.ts';
import type { Counts } from '../../indicators/counts.ts';
import type { EnrichCounts } from '../../indicators/enrich-counts.ts';
import { connectTemporal } from '../connect.ts';
import { cacheFolder } from '../dev-server/cache-folder.ts';
import { type Located, locateTemporal, TemporalNotFound } from '../dev-server/locate-temporal.ts';
import { startDevServer } from '../dev-server/start-dev-server.ts';
import { applySchedule } from '../schedules.ts';
import { registerSearchAttributes } from '../search-attributes.ts';
import { costOfDelivery } from './cost-of-delivery.ts';
import { costOfEnriching } from './cost-of-enriching.ts';
import { fillTip } from './demo-artifacts.ts';
import { type DemoKind, demoConfig, demoSecrets } from './demo-config.ts';
import { type DemoFolder, keptFolder, passingFolder, writeConfig } from './demo-folder.ts';
import { CommandError, EXIT } from './exit-codes.ts';
import { aborted, interruptSignal } from './interrupt.ts';
import { createOutput, type Output } from './output.ts';
import { readConfig, withSecrets } from './read-config.ts';
import { showEnd } from './run-end.ts';
import { runSync, type SyncRun } from './run-sync.ts';
import { number, path, readableFeed } from './sandbox.ts';
import { sandboxCounts } from './sandbox-counts.ts';
import { type SandboxProcess, startSandboxProcess } from './sandbox-process.ts';

interface DemoOptions {
  readonly once?: true;
  readonly json?: true;
  readonly keep?: string;
  readonly feed?: string;
  readonly indicators: number;
  readonly seed: number;
  readonly minimumScore?: number;
  readonly destination: string;
  readonly enrich?: true;
  readonly artifacts?: string;
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
      path,
    )
    .option('--feed <file>', 'the indicators of a CSV with the columns type,value,… instead of generated ones', path)
    .option('--indicators <count>', 'how many indicators to generate', number, 5_000)
    .option('--seed <number>', 'another seed, other indicators', number, 1)
    .addOption(
      new Option('--destination <kind>', 'where to deliver to')
        .choices(KINDS.map(({ type }) => type))
        .default(DEFAULT_KIND.type),
    )
    .option('--enrich', 'enrich what the destination holds already, instead of delivering to it')
    .option(
      '--artifacts <file>',
      'with --enrich: a CSV with the columns type,value,… of what it holds; else made up',
      path,
    )
    .option(
      '--minimum-score <score>',
      'deliver, or write back, scores of at least this (default: 75, with --enrich 50)',
      score,
    )
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
  // What is wrong with what was given is told before anything is begun.
  refuseIdleArtifacts(options);
  if (options.feed !== undefined) await readableFeed(options.feed);
  const folder = await folderOf(options.keep, onEnd);
  // Another demo may have what is kept: it is told before anything else of it is opened twice.
  if (options.keep !== undefined) await migrateLedgerOf({ path: folder.ledger });
  const binary = await unlessAborted(signal, temporalBinary(output));
  // Once they are up, neither gets the signal: a worker that is stopping still needs both.
  const starting = new AbortController();
  const giveUp = (): void => starting.abort(signal.reason);
  signal.addEventListener('abort', giveUp, { once: true });
  const startingServer = startDevServer({
    binary: binary.path,
    dbFile: folder.temporalState,
    logFile: folder.temporalLog,
    signal: starting.signal,
    searchAttributes: {},
  });
  const startingSandbox = startSandboxProcess(sandboxArguments(options, folder));
  onEnd(stopOnceStarted(startingServer));
  onEnd(stopOnceStarted(startingSandbox));
  const [server, sandbox] = await Promise.all([startingServer, startingSandbox]).catch((error: unknown) => {
    // Where one does not come up, the other one is not waited for.
    starting.abort(error);
    throw error;
  });
  signal.removeEventListener('abort', giveUp);
  const published = Date.now();
  signal.throwIfAborted();
  output.say(`Temporal serves at ${server.address}, its UI at ${server.uiUrl}`);

  const enrich = options.enrich === true;
  const minimumScore = options.minimumScore ?? (enrich ? 50 : 75);
  const choice = { kind: kindOf(options), minimumScore, ledgerPath: folder.ledger, folder: folder.destination, enrich };
  if (enrich && options.artifacts === undefined) await fillTip(sandbox, choice.kind.type, options);
  await writeConfig(folder, demoConfig(sandbox, choice));
  const config = await withSecrets(await readConfig(folder.configFile, output.say), demoSecrets(sandbox, choice));
  const temporal = await connectTemporal({ address: server.address });
  onEnd(() => temporal.close());
  await registerSearchAttributes(temporal);

  const stopWorker = new AbortController();
  const worker = runWorker({
    config,
    connection: { address: server.address },
    namespace: temporal.namespace,
    // Lines for machines: a person reads the progress, and what ends the demo.
    logger: createLogger('warn', folder.workerLog),
    signal: stopWorker.signal,
  });
  // That it ended is told by whoever waits for it below; the other parts are taken down either way.
  onEnd(async () => {
    stopWorker.abort();
    await worker.catch(() => undefined);
  });
  const ended = Promise.race([
    worker.then(() => endedEarly('worker', options, folder.workerLog)),
    server.exited.then(() => endedEarly('Temporal dev server', options, folder.temporalLog)),
    sandbox.exited.then(() => endedEarly('sandbox', options)),
  ]);
  ended.catch(() => undefined);
  const name = choice.kind.type;
  const pipeline = config.pipelines[name];
  const schedule = pipeline?.schedule ?? config.enrichments[name]?.schedule;
  if (schedule === undefined) throw new Error('The demo has its one pipeline.');
  await applySchedule(temporal, name, schedule, config.temporal.taskQueue, enrich ? 'enrich' : 'sync');

  // What a kept sandbox has published again has to settle, to the whole second, or it would be left to the next run.
  await sleep(Math.max(0, published + (pipeline?.source.settle ?? 0) + 1_000 - Date.now()), undefined, { signal });
  const running = enrich
    ? runSync<EnrichCounts>(temporal, name, output, signal)
    : runSync(temporal, name, output, signal);
  const run = await Promise.race([running, ended]);
  await report(run, server.uiUrl, sandbox, choice.kind, output);
  if (options.once === true) return;
  output.say('The schedule goes on every 15 minutes. Press Ctrl-C to end the demo.');
  await Promise.race([aborted(signal), ended]);
}

function refuseIdleArtifacts({ artifacts, enrich, destination }: DemoOptions): void {
  if (artifacts === undefined || (enrich === true && destination === 'threatstream')) return;
  throw new CommandError('--artifacts goes with --enrich, of a demo whose destination is threatstream.', EXIT.usage);
}

/** What did not start needs no stopping; what is still starting when the other one failed does. */
function stopOnceStarted(starting: Promise<{ stop(): Promise<void> }>): () => Promise<void> {
  return async () => {
    const started = await starting.catch(() => null);
    await started?.stop();
  };
}

function endedEarly(part: string, { keep }: DemoOptions, log?: string): never {
  const why = keep === undefined ? 'With --keep DIR its log stays there.' : `Its log is ${log}.`;
  throw new CommandError(`The ${part} ended before the demo did.${log === undefined ? '' : ` ${why}`}`, EXIT.failed);
}

async function folderOf(
  keep: string | undefined,
  onEnd: (cleanUp: () => Promise<unknown>) => void,
): Promise<DemoFolder> {
  if (keep !== undefined) return keptFolder(keep);
  const folder = await passingFolder();
  onEnd(() => folder.remove());
  return folder;
}

async function temporalBinary(output: Output): Promise<Located> {
  try {
    return await locateTemporal({ env: process.env, cacheDir: cacheFolder(process.env), say: output.say });
  } catch (error) {
    if (!(error instanceof TemporalNotFound) || !error.wrongSetting) throw error;
    throw new CommandError(error.message, EXIT.usage, { cause: error });
  }
}

/** What takes long and gets no signal is not waited for any more. */
function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return Promise.race([
    work,
    aborted(signal).then(() => {
      throw signal.reason;
    }),
  ]);
}

function kindOf({ destination }: DemoOptions): DemoKind {
  const kind = KINDS.find(({ type }) => type === destination);
  if (kind === undefined) throw new Error('The option has these choices alone.');
  return kind;
}

function score(text: string): number {
  const value = number(text);
  if (value > 100) throw new InvalidArgumentError('It must be a whole number from 0 to 100.');
  return value;
}

function sandboxArguments(options: DemoOptions, folder: DemoFolder): string[] {
  const kept = options.keep === undefined ? [] : ['--keep', folder.sandbox];
  const artifacts = options.artifacts === undefined ? [] : ['--artifacts', resolve(options.artifacts)];
  const rows =
    options.feed === undefined
      ? ['--indicators', String(options.indicators), '--seed', String(options.seed)]
      : ['--feed', resolve(options.feed)];
  return [...rows, ...artifacts, ...kept];
}

async function report(
  run: SyncRun<Counts | EnrichCounts>,
  uiUrl: string,
  sandbox: SandboxProcess,
  { type, title }: DemoKind,
  output: Output,
): Promise<void> {
  const temporalUi = `${uiUrl}/namespaces/default/workflows/${encodeURIComponent(run.workflowId)}`;
  const { tip, ...all } = await sandboxCounts(sandbox, type);
  output.print(`The run in the Temporal UI: ${temporalUi}`);
  const holds =
    tip === null ? '' : `${title} (the sandbox) holds ${tip.holds}, of which ${tip.duplicates} arrived twice; `;
  output.print(`${holds}the sandbox answered ${all.requests} requests in ${run.seconds.toFixed(1)} s.`);
  const counts = run.end.kind === 'completed' ? run.end.counts : null;
  if (counts !== null && tip !== null && counts.confirmed > 0) {
    output.print(
      'artifacts' in counts ? costOfEnriching(title, all, tip, counts) : costOfDelivery(title, tip, counts.confirmed),
    );
  }
  showEnd(run, output, { temporalUi, sandbox: { ...tip, ...all } });
}
