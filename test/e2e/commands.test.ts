import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { run } from './command.ts';

/** A port that needs a privilege to listen on: nothing does. */
const NOWHERE = '127.0.0.1:1';

test('without Temporal, every command that needs it says where it looked, with exit code 3', async () => {
  const commands = [
    ['status'],
    ['status', '--json'],
    ['sync', '--pipeline', 'threatstream'],
    ['setup'],
    ['schedule', 'list'],
    ['runs', 'list'],
    ['runs', 'cancel', 'sync/threatstream'],
    ['coverage', '--pipeline', 'threatstream'],
    ['backfill', '--pipeline', 'threatstream', '--from', '2026-01-01', '--to', '2026-01-02', '--yes'],
  ];
  const ended = await Promise.all(commands.map((args) => run(args, { env: { TEMPORAL_ADDRESS: NOWHERE } })));
  for (const { code, stdout, stderr } of ended) {
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toMatch(
      /^mdti-sync: Temporal at 127\.0\.0\.1:1 could not be reached \(ECONNREFUSED\)\..*TEMPORAL_ADDRESS/,
    );
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  }
});

test('a list without a host to ask for needs neither Temporal nor a worker', async () => {
  const options = {
    env: { TEMPORAL_ADDRESS: NOWHERE },
    stdin: 'D41D8CD98F00B204E9800998ECF8427E\n10.0.0.1\nnothing of use\n',
  };
  const { code, stdout, stderr } = await run(['enrich', '--values', '-'], options);
  expect(code, stderr).toBe(0);
  expect(stdout.trimEnd().split('\n')).toEqual([
    expect.stringMatching(/^line +value/),
    expect.stringMatching(/^1 .*MDTI has no reputations of hashes$/),
    expect.stringMatching(/^2 .*not looked up: reserved/),
    expect.stringMatching(/^3 +nothing of use .*no host: not a valid domain name$/),
  ]);
  expect(stderr).toBe('3 values: 1 hash, 1 reserved, 1 that is no host.\n');
  const asking = await run(['enrich', '--values', '-'], {
    env: { TEMPORAL_ADDRESS: NOWHERE },
    stdin: 'evil.example.com',
  });
  expect(asking).toMatchObject({ code: 3, stdout: '', stderr: expect.stringContaining('could not be reached') });
});

describe('usage', () => {
  test.each([
    [['--no-such-option'], '--no-such-option'],
    [['no-such-command'], 'no-such-command'],
    [['status', '--no-such-option'], '--no-such-option'],
    [['schedule', 'describe', '--pipelin', 'x'], '--pipeline'],
    [['sync'], '--pipeline'],
    [['demo', '--indicators', 'many'], 'many'],
    [['backfill', '--from', 'yesterday'], '2026-01-31'],
    [['backfill', '--from', '10'], 'found "10"'],
    [['backfill', '--from', ''], 'found ""'],
    [['backfill', '--to', '2026-02-31'], 'there is no day 2026-02-31'],
    [['backfill', '--to', '2026-01-31T08:00'], 'has no zone: end it with Z for UTC'],
    [['backfill', '--to', '2206-01-31'], 'in the future'],
    [['backfill', '--window', ''], 'from 1m to 7d'],
    [['backfill', '--window', '400d'], 'from 1m to 7d'],
    [['coverage', '--pipeline', 'x', '--from', '2026-13-01'], 'there is no day 2026-13-01'],
    [['coverage', '--pipeline', 'x', '--from', '2026-02-01', '--to', '2026-02-01'], '--from must be before --to'],
    [['redeliver', '--pipeline', 'x', '--window', '2026-01-31T24:00:00Z'], 'there is no time 24:00:00'],
    [['redeliver', '--pipeline', 'x', '--window', '2026-01-31 08:00'], 'has no zone'],
    [['enrich'], 'enrich needs one of --pipeline NAME'],
    [['enrich', '--values', 'no-such-list.txt'], 'The list no-such-list.txt is not there.'],
    [['enrich', '--values', '-'], 'The list on standard input has no value.'],
    [['enrich', '--values', 'README.md', '--column', 'x'], 'The list README.md has no such column in its first line.'],
    [['enrich', '--values', '-', '--format', 'csv', '--json'], '--json or --format'],
    [['enrich', '--values', '-', '--format', 'xml'], 'table, csv, json'],
    [['enrich', '--values', '-', '--minimum-score', '101'], '0 to 100'],
    [['sandbox', '--ingested-over', '10'], 'from 1m to 4400d'],
    [['sandbox', '--indicators', ''], 'whole number'],
    ...[
      ['status'],
      ['coverage'],
      ['sync'],
      ['redeliver'],
      ['backfill'],
      ['backfill', 'pause'],
      ['schedule', 'apply'],
      ['schedule', 'trigger'],
    ].flatMap((command): [string[], string][] =>
      ["x' OR MdtiPipeline != '", '', 'Threat Stream', 'x\\'].map((name) => [
        [...command, '--pipeline', name],
        'expected a pipeline name of lower-case letters, digits and -',
      ]),
    ),
    [['status', '--config', 'no-such-file.yaml'], 'no-such-file.yaml: there is no such file'],
    [['backfill', '--pipeline', 'x'], '--from'],
    [['backfill', '--pipeline', 'x', '--from', '2026-02-01', '--to', '2026-01-01'], '--from'],
    [['backfill', 'concurrency', '1000', '--pipeline', 'x'], '1 to 100'],
  ])('%j is wrong: exit code 2', async (args, named) => {
    const finished = await run(args, { env: { TEMPORAL_ADDRESS: NOWHERE } });
    expect(finished.code).toBe(2);
    expect(finished.stdout).toBe('');
    expect(finished.stderr).toContain(named);
    expect(finished.stderr).not.toMatch(/^\s+at /m);
  });

  test('every command says what it is for and what it takes', async () => {
    const options: Readonly<Record<string, readonly string[]>> = {
      demo: ['--once', '--json', '--feed', '--keep', '--minimum-score', '--indicators', '--seed'],
      sandbox: ['--port', '--feed', '--indicators', '--seed', '--latency', '--graph-per-second', '--keep', '--json'],
      worker: ['--config', '--log-level'],
      setup: ['--json'],
      schedule: [],
      'schedule apply': ['--config', '--pipeline', '--json'],
      'schedule list': ['--json'],
      'schedule describe': ['--pipeline', '--json'],
      'schedule trigger': ['--pipeline', '--json'],
      'schedule pause': ['--pipeline', '--json'],
      'schedule unpause': ['--pipeline', '--json'],
      'schedule delete': ['--pipeline', '--json'],
      sync: ['--pipeline', '--json'],
      backfill: ['--pipeline', '--from', '--to', '--window', '--dry-run', '--yes', '--detach', '--json'],
      'backfill pause': ['--pipeline'],
      'backfill resume': ['--pipeline'],
      'backfill cancel': ['--pipeline'],
      'backfill concurrency': ['--pipeline'],
      coverage: ['--pipeline', '--from', '--to', '--config', '--task-queue', '--json'],
      status: ['--pipeline', '--config', '--task-queue', '--json'],
      redeliver: ['--pipeline', '--window', '--config', '--task-queue', '--json'],
      enrich: ['--values', '--column', '--minimum-score', '--format', '--config', '--task-queue', '--json'],
      config: [],
      'config check': ['--config', '--json'],
      'config schema': [],
    };
    const found = await commandTree([]);
    expect(found.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(options)));
    for (const { name, help } of found) {
      expect(help).toContain(`Usage: mdti-sync ${name}`);
      for (const option of options[name] ?? []) expect(help, name).toMatch(new RegExp(`^ {2}${option}\\b`, 'm'));
    }
  });

  test.each([
    [['--pipeline', 'a', '--format', 'csv'], '--format goes with --values, and not with --pipeline.'],
    [['--pipeline', 'a', '--column', 'b'], '--column goes with --values, and not with --pipeline.'],
    [['--pipeline', 'a', '--minimum-score', '0'], '--minimum-score goes with --values, and not with --pipeline.'],
    [['--values', '-', '--check'], '--check goes with --pipeline, and not with --values.'],
  ])('enrich %j says which option would change nothing', async (args, sentence) => {
    const finished = await run(['enrich', ...args], { env: { TEMPORAL_ADDRESS: NOWHERE } });
    expect(finished).toMatchObject({ code: 2, stderr: `mdti-sync: ${sentence}\n` });
  });

  test('the README names every command', async () => {
    const { stdout } = await run(['--help']);
    const section = /### Commands\n(.*?)\n###? /s.exec(await readFile('README.md', 'utf8'))?.[1] ?? '';
    expect(commandsIn(stdout).filter((name) => !section.includes(`\`${name}\``))).toEqual([]);
  });

  test('--version is the one of the package', async () => {
    const { version }: { version: string } = JSON.parse(await readFile('package.json', 'utf8'));
    const { code, stdout } = await run(['--version']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${version}\n` });
  });
});

/** Every command below this one, with its help. */
async function commandTree(path: readonly string[]): Promise<readonly { name: string; help: string }[]> {
  const { code, stdout } = await run([...path, '--help']);
  expect(code).toBe(0);
  const below = await Promise.all(commandsIn(stdout).map((name) => commandTree([...path, name])));
  const own = path.length === 0 ? [] : [{ name: path.join(' '), help: stdout }];
  return [...own, ...below.flat()];
}

function commandsIn(help: string): readonly string[] {
  const [, list = ''] = /^Commands:\n((?: {2}.*\n?)+)/m.exec(help) ?? [];
  return [...list.matchAll(/^ {2}([a-z]+)/gm)].flatMap(([, name]) =>
    name === undefined || name === 'help' ? [] : [name],
  );
}
