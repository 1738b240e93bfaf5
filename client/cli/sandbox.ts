import { Command, InvalidArgumentError } from 'commander';
import { folderTrouble, makeFolder } from '../../ledger/make-folder.ts';
import { WrongInput } from '../../sandbox/wrong-input.ts';
import { CommandError, EXIT } from './exit-codes.ts';
import { aborted, interruptSignal } from './interrupt.ts';
import { createOutput } from './output.ts';
import { lengthOfTime } from './time-options.ts';

const HOUR_MS = 3_600_000;

interface SandboxOptions {
  readonly port: number;
  readonly listen: string;
  readonly name: string;
  readonly seed: number;
  readonly indicators: number;
  readonly feed?: string;
  readonly artifacts?: string;
  readonly madeUpArtifacts: number;
  readonly keep?: string;
  readonly latency: number;
  readonly logsConcurrent?: number;
  readonly logsPer30s?: number;
  readonly graphPerSecond?: number;
  readonly tipPerSecond?: number;
  readonly ingestedOver: number;
  readonly untilStdinEnds?: true;
  readonly json?: true;
}

export function sandboxCommand(): Command {
  return new Command('sandbox')
    .description('stand-ins for Entra ID, Log Analytics, Microsoft Graph and the TIPs over HTTPS, until Ctrl-C')
    .option('--port <port>', 'the port; 0 takes a free one', port, 0)
    .option('--listen <address>', 'the network address to listen on; 0.0.0.0 for all of them', '127.0.0.1')
    .option('--name <name>', 'the name that others reach it by, in its addresses and its certificate', 'localhost')
    .option('--feed <file>', 'a CSV with the columns type,value,… instead of generated indicators', path)
    .option('--indicators <count>', 'how many to generate', number, 5_000)
    .option('--artifacts <file>', 'a CSV with the columns type,value,… that ThreatStream holds from the start', path)
    .option('--made-up-artifacts <count>', 'how many ThreatStream holds from the start, made up', number, 0)
    .option('--seed <number>', 'another seed, other indicators', number, 1)
    .option(
      '--ingested-over <length>',
      'the generated rows came in over this long, up to a minute ago',
      lengthOfTime({ min: '1m', max: '4400d' }),
      HOUR_MS,
    )
    .option('--latency <ms>', 'added to every answer', number, 0)
    .option('--logs-concurrent <count>', 'queries that run at once; the others wait (default: 5)', positive)
    .option('--logs-per-30s <count>', 'queries in 30 seconds, else 429 (default: 200)', positive)
    .option('--graph-per-second <count>', 'look-ups in a second, else 429 (default: no limit)', positive)
    .option('--tip-per-second <count>', 'requests to a TIP in a second, else 429 (default: no limit)', positive)
    .option('--keep <dir>', 'keep there what it holds, and go on from it', path)
    .option('--json', 'print addresses and credentials as one JSON line')
    .option('--until-stdin-ends', 'end when standard input does')
    .action(async (options: SandboxOptions) => {
      const output = createOutput(options.json === true);
      const signal = interruptSignal(() => undefined);
      // The sandbox brings the whole KQL parser: other commands start without it.
      const { startSandbox } = await import('../../sandbox/sandbox.ts');
      if (options.keep !== undefined) await usableFolder(options.keep);
      const sandbox = await startSandbox({
        port: options.port,
        listen: options.listen,
        name: options.name,
        seed: options.seed,
        indicators: options.indicators,
        madeUpArtifacts: options.madeUpArtifacts,
        latencyMs: options.latency,
        ingestedOver: ingestedOver(options.ingestedOver),
        limits: limitsOf(options),
        ...(options.feed === undefined ? {} : { feed: options.feed }),
        ...(options.artifacts === undefined ? {} : { artifacts: options.artifacts }),
        ...(options.keep === undefined ? {} : { stateDir: options.keep }),
      }).catch(wrongInput);
      const { urls, caFile, credentials, tipAccess } = sandbox;
      output.result({ urls, caFile, credentials, tips: tipAccess });
      output.print(`The sandbox serves. Its certificate authority: ${caFile}`);
      for (const [name, url] of Object.entries(urls)) output.print(`  ${name.padEnd(13)} ${url}`);
      for (const [name, value] of Object.entries(credentials)) output.print(`  ${name.padEnd(19)} ${value}`);
      for (const [tip, { credentials: own }] of Object.entries(tipAccess)) {
        for (const [name, value] of Object.entries(own)) output.print(`  ${`${tip} ${name}`.padEnd(30)} ${value}`);
      }
      await Promise.race([aborted(signal), ...(options.untilStdinEnds === true ? [stdinEnds()] : [])]);
      await sandbox.close();
    });
}

function limitsOf({ logsConcurrent, logsPer30s, graphPerSecond, tipPerSecond }: SandboxOptions) {
  return {
    ...(logsConcurrent === undefined ? {} : { logsConcurrent }),
    ...(logsPer30s === undefined ? {} : { logsPer30s }),
    ...(graphPerSecond === undefined ? {} : { graphPerSecond }),
    ...(tipPerSecond === undefined ? {} : { tipPerSecond }),
  };
}

function ingestedOver(lengthMs: number): { from: Date; to: Date } {
  const to = Date.now() - 60_000;
  return { from: new Date(to - lengthMs), to: new Date(to) };
}

function stdinEnds(): Promise<void> {
  return new Promise((resolve) => {
    process.stdin.once('end', resolve).once('close', resolve).resume();
  });
}

/** Ends the command with a sentence when a feed is none. */
export async function readableFeed(file: string): Promise<void> {
  const { readFeed } = await import('../../sandbox/rows/feed.ts');
  await readFeed(file).catch(wrongInput);
}

async function usableFolder(folder: string): Promise<void> {
  await makeFolder(folder).catch((error: unknown) => {
    const sentence = `--keep: ${folder} cannot be made: ${folderTrouble(error)}. Name a folder that this user may write to.`;
    throw new CommandError(sentence, EXIT.usage, { cause: error });
  });
}

function wrongInput(error: unknown): never {
  throw error instanceof WrongInput ? new CommandError(error.message, EXIT.usage, { cause: error }) : error;
}

/** Of a file or folder. */
export function path(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It must be a path.');
  return text;
}

export function number(text: string): number {
  // An empty text is no 0.
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) {
    throw new InvalidArgumentError('It must be a whole number, 0 or more.');
  }
  return value;
}

function port(text: string): number {
  const value = number(text);
  if (value > 65_535) throw new InvalidArgumentError('It must be a whole number from 0 to 65535.');
  return value;
}

function positive(text: string): number {
  const value = number(text);
  if (value === 0) throw new InvalidArgumentError('It must be a whole number, 1 or more.');
  return value;
}
