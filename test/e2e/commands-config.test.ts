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
