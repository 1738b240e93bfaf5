import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Finished, run } from './command.ts';
import { lastLine } from './stack.ts';

const EXAMPLE = resolve('config/example.yaml');
const SECRETS = {
  AZURE_CLIENT_SECRET: 'a client secret that nobody says',
  THREATSTREAM_USER: 'someone@example.invalid',
  THREATSTREAM_API_KEY: 'an api key that nobody says',
};
/** A port that needs a privilege to listen on: nothing does. */
const NOWHERE = '127.0.0.1:1';

describe('config', () => {
  let folder: string;
  let example: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mdti-sync config '));
    example = await readFile(EXAMPLE, 'utf8');
  });

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const check = (args: readonly string[], env: Readonly<Record<string, string>> = SECRETS): Promise<Finished> =>
    run(['config', 'check', ...args], { cwd: folder, env: { TEMPORAL_ADDRESS: NOWHERE, ...env } });

  test('check is content with the example and its secrets, and does not say them', async () => {
    const finished = await check(['--config', EXAMPLE, '--json']);
    expect(finished.code, finished.stderr).toBe(0);
    expect(lastLine(finished)).toEqual({
      ok: true,
      pipelines: ['threatstream'],
      destinations: [
        {
          pipeline: 'threatstream',
          type: 'threatstream',
          stability: 'stable',
          hosts: ['https://api.threatstream.com'],
          permissions: ['Import Intel: to open import sessions, which an analyst approves'],
        },
      ],
    });
    expect(finished.stdout + finished.stderr).not.toMatch(/that nobody says|someone@example/);
  });

  test('check tells pipelines that enrich as it does others, and a kind that there is not with those that there are', async () => {
    const destination = {
      type: 'threatstream',
      user: { env: 'THREATSTREAM_USER' },
      apiKey: { env: 'THREATSTREAM_API_KEY' },
    };
    const { ledger, azure } = parse(example);
    const written = async (file: string, kind: string): Promise<void> => {
      const pipelines = { hunted: { kind, schedule: { every: '1h' }, destination } };
      await writeFile(join(folder, file), JSON.stringify({ ledger, azure, pipelines }));
    };
    await written('enrich.yaml', 'enrich');
    const finished = await check(['--config', 'enrich.yaml', '--json']);
    expect(finished.code, finished.stderr).toBe(0);
    expect(lastLine(finished)).toMatchObject({
      ok: true,
      pipelines: ['hunted'],
      destinations: [
        {
          pipeline: 'hunted',
          type: 'threatstream',
          permissions: expect.arrayContaining(['to read intelligence and to tag it']),
        },
      ],
    });
    const { stdout } = await check(['--config', 'enrich.yaml']);
    expect(stdout).toMatch(
      /Pipelines: hunted\.\nhunted enriches threatstream\. It has to reach https:\/\/api\.threatstream\.com\./,
    );
    await written('wrong.yaml', 'enrch');
    const wrong = await check(['--config', 'wrong.yaml']);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('expected one of sync, enrich, found "enrch". Did you mean enrich?');
  });

  test('check without Temporal is content all the same, and says in a line what nobody has looked for', async () => {
    const finished = await check(['--config', EXAMPLE]);
    expect(finished.code).toBe(0);
    expect(finished.stderr).toBe(
      'Temporal was not reached: nobody has looked for schedules of pipelines that are gone.\n',
    );
  });

  test('check says of each mistake where it is, what was expected, and what was meant', async () => {
    const file = join(folder, 'mdti-sync.yaml');
    const wrong = example
      .replace('minimumScore: 75', 'minimumScoer: 75')
      .replace('retractBelow: 50', 'retractBelow: 500')
      .replace('table: ThreatIntelIndicators', 'table: ThreatIntelIndicator');
    await writeFile(file, wrong);
    const lineOf = (text: string): number => wrong.slice(0, wrong.indexOf(text)).split('\n').length;

    const finished = await check([]);
    expect(finished.code).toBe(2);
    const said = finished.stderr.trimEnd().split('\n');
    expect(said).toHaveLength(3);
    expect(said[0]).toContain(`mdti-sync.yaml:${lineOf('table: Threat')}:`);
    expect(said[0]).toMatch(/pipelines\.threatstream\.source\.table .*Did you mean ThreatIntelIndicators\?/);
    expect(said[1]).toContain(`mdti-sync.yaml:${lineOf('minimumScoer')}:`);
    expect(said[1]).toMatch(/policy\.minimumScoer .*Did you mean minimumScore\?/);
    expect(said[2]).toContain(`mdti-sync.yaml:${lineOf('retractBelow: 500')}:`);
    expect(said[2]).toMatch(/policy\.retractBelow .*100/);

    const asJson = await check(['--json']);
    expect(asJson.code).toBe(2);
    expect(lastLine(asJson)).toMatchObject({
      ok: false,
      problems: [
        { path: 'pipelines.threatstream.source.table', suggestion: 'ThreatIntelIndicators' },
        { path: 'pipelines.threatstream.policy.minimumScoer', suggestion: 'minimumScore' },
        { path: 'pipelines.threatstream.policy.retractBelow', line: lineOf('retractBelow: 500') },
      ],
    });
  });

  test('check and worker name every list that cannot be used, before anything is contacted', async () => {
    const file = join(folder, 'lists.yaml');
    await writeFile(join(folder, 'own.txt'), 'a.com\nhttps://b.com/\n');
    await writeFile(
      file,
      example
        .replace(/^ {8}domains: \[\]/m, '        domains: [{ file: own.txt }, { file: none.txt }]')
        .replace(/^ {8}warningLists: \[\]/m, '        warningLists: [{ file: own.txt }]'),
    );
    const sentences = [
      'mdti-sync: pipelines.threatstream.policy.exclude.domains.0: own.txt:2: expected a domain such as example.com, found "https://b.com/".',
      'pipelines.threatstream.policy.exclude.domains.1: the file none.txt is not there.',
      'pipelines.threatstream.policy.exclude.warningLists.0: own.txt is not JSON: expected a MISP warning list: a JSON object with type, matching_attributes and list.',
      '',
    ];
    const checked = await check(['--config', file]);
    expect(checked).toEqual({ code: 2, stdout: '', stderr: sentences.join('\n') });
    const worker = await run(['worker', '--config', file], {
      cwd: folder,
      env: { ...SECRETS, TEMPORAL_ADDRESS: NOWHERE },
    });
    expect(worker).toEqual(checked);
  });

  test('check names every secret that is not there', async () => {
    const finished = await check(['--config', EXAMPLE], {
      AZURE_CLIENT_SECRET: SECRETS.AZURE_CLIENT_SECRET,
      THREATSTREAM_USER: '',
    });
    expect(finished.code).toBe(2);
    expect(finished.stderr).toContain('THREATSTREAM_USER');
    expect(finished.stderr).toMatch(/destination\.apiKey: the environment variable THREATSTREAM_API_KEY is not set/);
    expect(finished.stderr).not.toContain('AZURE_CLIENT_SECRET');
  });

  test.each([
    ['TEMPORAL_ADDRESS', '::1:7233', /^mdti-sync: TEMPORAL_ADDRESS .* without brackets: expected \[HOST\]:PORT/],
    ['TEMPORAL_ADDRESS', 'http://127.0.0.1:7233', /^mdti-sync: TEMPORAL_ADDRESS .* has a scheme/],
    ['LEDGER_URL', 'postgres://db/one?sslmode=require&sslrootcert=system', /^mdti-sync: .*sslmode=verify-full/],
    [
      'LEDGER_URL',
      'postgres://db/one?sslrootcert=/nowhere/ca.pem',
      /^mdti-sync: \/nowhere\/ca\.pem, which the ledger's TLS/,
    ],
    [
      'THREATSTREAM_API_KEY',
      'two\nlines',
      /^mdti-sync: pipelines\.threatstream\.destination\.apiKey: .* more than one line/,
    ],
  ])('check names what is wrong with %s (%s)', async (variable, text, sentence) => {
    await writeFile(join(folder, 'bare.yaml'), example.replace(/^ledger:\n(?: .*\n)*/m, ''));
    const finished = await check(['--config', 'bare.yaml', '--json'], { ...SECRETS, [variable]: text });
    expect(finished.code, finished.stderr).toBe(2);
    expect(finished.stderr).toMatch(sentence);
    expect(lastLine(finished)).toMatchObject({ ok: false, problems: [{ message: finished.stderr.trim().slice(11) }] });
  });

  test('check says that there is no file', async () => {
    const finished = await check(['--config', 'elsewhere.yaml']);
    expect(finished.code).toBe(2);
    expect(finished.stderr).toContain('elsewhere.yaml');
    expect(finished.stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  test('the worker does not start with a mistake, and says the same', async () => {
    await writeFile(join(folder, 'wrong.yaml'), example.replace('lanes: 10', 'lanes: many'));
    const worker = await run(['worker', '--config', 'wrong.yaml'], { cwd: folder, env: SECRETS });
    const checked = await check(['--config', 'wrong.yaml']);
    expect([worker.code, checked.code]).toEqual([2, 2]);
    expect(worker.stderr).toBe(checked.stderr);
    expect(worker.stderr).toContain('pipelines.threatstream.lanes');
  });

  test('schema prints a JSON Schema that takes the example and not a mistake', async () => {
    const { code, stdout } = await run(['config', 'schema']);
    expect(code).toBe(0);
    const schema: object = JSON.parse(stdout);
    const valid = new Ajv2020({ strict: false }).compile(schema);
    expect(valid(parse(example)), JSON.stringify(valid.errors)).toBe(true);
    expect(valid(parse(example.replace('minimumScore: 75', 'minimumScoer: 75')))).toBe(false);
  });
});

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
