import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { demoConfig, demoSecrets } from '../../client/cli/demo-config.ts';
import { sandboxReady } from '../../client/cli/sandbox-process.ts';
import { cacheFolder } from '../../client/dev-server/cache-folder.ts';
import { locateTemporal } from '../../client/dev-server/locate-temporal.ts';
import { startDevServer } from '../../client/dev-server/start-dev-server.ts';
import { DEFAULT_KIND } from '../../destinations/kinds.ts';
import { launch } from '../e2e/command.ts';
import { cleanClone, freshEnvironment, shell } from './clean-clone.ts';
import { namedCommands, shownBlocks } from './shown-commands.ts';

// So long only on a machine that is busy with something else.
vi.setConfig({ testTimeout: 900_000, hookTimeout: 600_000 });

type Check = (command: string) => Promise<void>;

/** Commands that end otherwise than with exit code 0, or only when they are told to. */
const ENDS: Readonly<Record<string, { readonly until: RegExp } | { readonly code: number; readonly says: string }>> = {
  'npm ci && npm run demo': { until: /Press Ctrl-C to end the demo/ },
  'npx mdti-sync worker': { until: /The worker polls/ },
  // Here, nobody is there to be asked, and nothing runs that could be paused.
  'npx mdti-sync backfill --pipeline threatstream --from 2026-06-01 --to 2026-11-01': { code: 2, says: '--yes' },
  'npx mdti-sync backfill pause --pipeline threatstream': { code: 1, says: 'No backfill of threatstream is running' },
};

/** What is not run here, why, and what is looked at instead. */
const NOT_RUN: readonly (readonly [command: RegExp, because: string, instead: Check])[] = [
  [/^npm ci && npm test$/, 'it is this run', namesScript],
  [/^(alias dc='docker |docker |dc )/, 'it needs a Docker daemon and images', namesComposeParts],
  [/^kubectl /, 'it needs a cluster', namesFolders],
  [
    /^LEDGER_URL='postgres:[^']*@HOST\//,
    'it needs a PostgreSQL server of the reader’s; test/ledger/server has one',
    hasOptions,
  ],
  [/^mdti-sync setup --make-current /, 'it needs a worker of that build; test/e2e/server has one', hasOptions],
  [/^temporal /, 'it needs workers of those builds', hasOptions],
];

let folder: string;
let clone: string;
let env: NodeJS.ProcessEnv;
const running: ChildProcess[] = [];
const closers: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mdti-sync shown '));
  closers.unshift(() => rm(folder, { recursive: true, force: true }));
  clone = join(folder, 'mdti-sync');
  await mkdir(join(folder, 'home'));
  await cleanClone(clone);
  const temporal = await locateTemporal({ env: process.env, cacheDir: cacheFolder(process.env), say: () => undefined });
  const server = await startDevServer({ binary: temporal.path, searchAttributes: {} });
  closers.unshift(() => server.stop());
  const sandboxProcess = launch(['sandbox', '--json', '--indicators', '100']);
  closers.unshift(() => sandboxProcess.stop());
  const sandbox = sandboxReady.parse(JSON.parse(await sandboxProcess.line('stdout', /^\{/)));
  const choice = {
    kind: DEFAULT_KIND,
    minimumScore: 75,
    ledgerPath: './.mdti-sync/ledger',
    folder: join(folder, 'files'),
  };
  await writeFile(join(clone, 'mdti-sync.yaml'), demoConfig(sandbox, choice));
  // As somebody has them who asks about a list of one's own.
  const lists = {
    'artifacts.txt': 'evil[.]shown-test.net\n',
    'case.csv': 'Source IP,Dest IP\n10.0.0.1,45.77.20.30\n',
    'proxy.tsv': 'GET\tother.shown-test.net\n',
  };
  for (const [name, text] of Object.entries(lists)) await writeFile(join(clone, name), text);
  env = {
    ...freshEnvironment(join(folder, 'home')),
    ...demoSecrets(sandbox, choice),
    TEMPORAL_ADDRESS: server.address,
    TEMPORAL_CLI: temporal.path,
    PATH: [await npmWithoutRegistry(), dirname(temporal.path), process.env['PATH']].join(delimiter),
  };
});

afterAll(async () => {
  for (const child of running) await stop(child, 'SIGTERM');
  for (const close of closers) await close();
});

/** `npm ci` has been done: its packages are there, and no registry is asked for them. */
async function npmWithoutRegistry(): Promise<string> {
  const { stdout } = await shell('command -v npm', { cwd: folder, env: process.env });
  const bin = join(folder, 'bin');
  await mkdir(bin);
  const script = `#!/bin/sh\nif [ "$1" = ci ]; then exit 0; fi\nexec '${stdout.trim()}' "$@"\n`;
  await writeFile(join(bin, 'npm'), script, { mode: 0o755 });
  return bin;
}

const inClone = (line: string) => shell(line, { cwd: clone, env });

/** Starts what goes on until it is stopped, with a process group of its own as at a terminal. */
async function startUntil(line: string, said: RegExp): Promise<ChildProcess> {
  const child = spawn('bash', ['-c', line], { cwd: clone, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  running.push(child);
  let output = '';
  await new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        if (said.test(output)) resolve();
      });
    }
    child.once('close', (code) => reject(new Error(`${line} ended with ${code}:\n${output}`)));
  });
  return child;
}

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const closed = once(child, 'close');
  process.kill(-child.pid, signal);
  await closed;
}

async function runAsShown(command: string): Promise<void> {
  const ends = ENDS[command];
  if (ends !== undefined && 'until' in ends) {
    const child = await startUntil(command, ends.until);
    // The worker goes on for the commands below it.
    if (command.includes('demo')) await stop(child, 'SIGINT');
    return;
  }
  const { code, stdout, stderr } = await inClone(command);
  expect(code, `${command}\n${stdout}${stderr}`).toBe(ends?.code ?? 0);
  if (ends !== undefined) expect(stderr).toContain(ends.says);
}

describe('every command that README and docs show', async () => {
  const blocks = await shownBlocks();
  test.each(blocks.map((block) => [block[0]?.at ?? '', block] as const))('%s', async (_, block) => {
    for (const { command, at } of block) {
      const instead = NOT_RUN.find(([pattern]) => pattern.test(command))?.[2];
      await (instead === undefined ? runAsShown(command) : instead(command)).catch((error: unknown) => {
        throw new Error(`${at}: ${command}`, { cause: error });
      });
    }
  });

  test('is there: what is run otherwise, or not, is still shown', () => {
    const commands = blocks.flat().map(({ command }) => command);
    expect(Object.keys(ENDS).filter((command) => !commands.includes(command))).toEqual([]);
    expect(NOT_RUN.filter(([pattern]) => !commands.some((command) => pattern.test(command)))).toEqual([]);
  });
});

test('every command that a sentence of them names is one', async () => {
  const wrong: string[] = [];
  for (const { command, at } of await namedCommands()) {
    const check = checkOf(command);
    await check(command).catch((error: unknown) => wrong.push(`${at}: ${command}: ${String(error)}`));
  }
  expect(wrong).toEqual([]);
});

function checkOf(command: string): Check {
  if (command.startsWith('npm ')) return namesScript;
  if (command.startsWith('docker ')) return namesComposeParts;
  if (command.startsWith('kubectl ')) return namesFolders;
  return hasOptions;
}

async function namesScript(command: string): Promise<void> {
  const { scripts } = JSON.parse(await readFile('package.json', 'utf8'));
  const [, name = ''] = /\bnpm (?:run )?(?!ci\b)([\w-]+)/.exec(command) ?? [];
  expect(Object.keys(scripts)).toContain(name);
}

/** The files, services and profiles of Compose; the file of an image. */
async function namesComposeParts(command: string): Promise<void> {
  await namesFolders(command);
  const { services } = parse(await readFile('docker-compose.temporal.yml', 'utf8'), { merge: true });
  const [, ran] = /\b(?:exec|run --rm --entrypoint \S+|--force-recreate) ([\w-]+)/.exec(command) ?? [];
  if (ran !== undefined) expect(Object.keys(services)).toContain(ran);
  const [, profile] = /--profile (\S+)/.exec(command) ?? [];
  const profiles = Object.values<{ profiles?: string[] }>(services).flatMap((service) => service.profiles ?? []);
  if (profile !== undefined) expect(profiles).toContain(profile);
  const [, ours] = /\b(mdti-sync [a-z].*)$/.exec(command) ?? [];
  if (ours !== undefined) await hasOptions(ours);
}

async function namesFolders(command: string): Promise<void> {
  for (const [, path = ''] of command.matchAll(/ -[fk] ([\w./-]+)/g)) {
    // The reader's copy of one that is there, and standard input.
    if (path !== '-' && !path.endsWith('/overlays/mine')) await access(path);
  }
}

/** By what was asked: pages name the same command again and again. */
const helps = new Map<string, ReturnType<typeof shell>>();

/** That the program's own help has every command and option of it. */
async function hasOptions(command: string): Promise<void> {
  const [, program = '', rest = ''] = /((?:npx )?mdti-sync|temporal) (.*)$/.exec(command) ?? [];
  const words = rest.split(' ');
  const options = words.map((word) => /^--[\w-]+/.exec(word)?.[0]).filter((word) => word !== undefined);
  const [commands = ''] = /^[a-z-]+(?: [a-z][a-z-]*)*(?= |$)/.exec(rest) ?? [];
  const asked = `${program.endsWith('mdti-sync') ? 'node bin/mdti-sync.cjs' : program} ${commands} --help`;
  const answer = helps.get(asked) ?? shell(asked, { cwd: process.cwd(), env });
  helps.set(asked, answer);
  const { code, stdout, stderr } = await answer;
  expect(code, stderr).toBe(0);
  expect(stdout).toContain(commands);
  expect(options.filter((option) => !new RegExp(`${option}(?![\\w-])`).test(stdout))).toEqual([]);
}
