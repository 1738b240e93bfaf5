import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** The built command, as a user runs it. */
const MAIN = join(process.cwd(), 'bin/mdti-sync.cjs');

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** What it reads from standard input. Default: nothing */
  readonly stdin?: string;
  /** Options of Node.js itself. */
  readonly nodeArgs?: readonly string[];
}

/** Runs a command to its end. */
export async function run(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const child = start(args, options);
  child.stdin?.end(options.stdin);
  const out = collect(child.stdout);
  const err = collect(child.stderr);
  const [code] = await once(child, 'close');
  return { code: typeof code === 'number' ? code : null, stdout: out(), stderr: err() };
}

export interface Running {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** The first line of `stream` that matches; rejects when the command ends before. */
  readonly line: (stream: 'stdout' | 'stderr', pattern: RegExp) => Promise<string>;
  /** Ends it with a signal and waits until it has ended. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<number | null>;
}

/** Starts a command that runs until it is stopped. */
export function launch(args: readonly string[], options: RunOptions = {}): Running {
  const child = start(args, options);
  const ended = once(child, 'close');
  const out = collect(child.stdout);
  const err = collect(child.stderr);
  return {
    child,
    stdout: out,
    stderr: err,
    async line(stream, pattern) {
      const source = child[stream];
      if (source === null) throw new Error('The stream is not piped.');
      const found = new Promise<string>((resolve) => {
        createInterface({ input: source }).on('line', (line) => {
          if (pattern.test(line)) resolve(line);
        });
      });
      const early = ended.then(() => {
        throw new Error(`The command ended before it said ${String(pattern)}:\n${err()}`);
      });
      return Promise.race([found, early]);
    },
    async stop(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await ended;
      return child.exitCode;
    },
  };
}

function start(args: readonly string[], { env = {}, cwd, nodeArgs = [] }: RunOptions): ChildProcess {
  return spawn(process.execPath, [...nodeArgs, MAIN, ...args], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
  });
}

function collect(stream: NodeJS.ReadableStream | null): () => string {
  const chunks: string[] = [];
  stream?.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
  return () => chunks.join('');
}
