import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ApplicationFailure } from '@temporalio/common';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { madeUpReputation } from '../../sandbox/graph/made-up-reputation.ts';
import { type Finished, launch, type Running, run } from './command.ts';
import { startLoudWorker } from './loud-worker.ts';
import { openStack } from './open-stack.ts';
import { recordedTexts } from './recorded-texts.ts';
import { lastLine, type Stack } from './stack.ts';
import { tipCounts } from './tip-counts.ts';

const printed = z.object({
  values: z.array(z.looseObject({ line: z.number(), value: z.string().nullable() })),
  counts: z.looseObject({ hosts: z.record(z.string(), z.number()) }),
});

/** Hosts that are in no TIP, with what the sandbox's MDTI says of them. */
const HOSTS = Array.from({ length: 40 }, (_, at) => `artifact-${at}.values-test.net`);
const of = (host: string): object => {
  const reputation = madeUpReputation(1, host);
  return reputation === null
    ? { host, outcome: 'no-reputation', score: null, classification: null }
    : { host, outcome: 'scored', score: reputation.score, classification: reputation.classification };
};

/** As people write them, with what each comes to. */
const LIST: readonly (readonly [written: string, row: object | null])[] = [
  ['# from a case', null],
  ['', null],
  ...HOSTS.map((host) => [host, { value: host, type: 'domain', ...of(host) }] as const),
  [
    'ARTIFACT-0[.]values-test[.]net',
    { value: HOSTS[0], written: 'ARTIFACT-0[.]values-test[.]net', ...of(HOSTS[0] ?? '') },
  ],
  ['hxxps[:]//artifact-1(dot)values-test.net:8443/gate?id=7', { type: 'url', ...of('artifact-1.values-test.net') }],
  ['hxxp://only-in-a-url.values-test.net/a', { type: 'url', ...of('only-in-a-url.values-test.net') }],
  ['billing[@]mail.values-test.net', { type: 'email', ...of('mail.values-test.net') }],
  ['domain: labelled.values-test.net  # sure', { type: 'domain', ...of('labelled.values-test.net') }],
  ['100[.]77.20[.]30:443', { value: '100.77.20.30', type: 'ipv4', outcome: 'reserved', score: null }],
  ['45[.]77.20[.]30:443', { value: '45.77.20.30', type: 'ipv4', ...of('45.77.20.30') }],
  ['2A0E:1:2:0::9', { value: '2a0e:1:2::9', type: 'ipv6', ...of('2a0e:1:2::9') }],
  ['9A0364B9E99BB480DD25E1F0284C8555', { type: 'md5', outcome: 'hash', score: null }],
  ['printer.values-test.local', { outcome: 'reserved', score: null }],
  ['unreadable values-test text', { value: null, outcome: 'no-host' }],
];
const LOOK_UPS = HOSTS.length + 5;
/** What of a list must be nowhere else: the texts, and what they come to. */
const NEEDLES = ['values-test', '77.20.30', '77.20[.]30', '2a0e:1:2', '9a0364b9e99bb480dd25e1f0284c8555'];

describe("MDTI's reputation of a list of values", () => {
  let stack: Stack;
  let worker: Running;
  let file: string;

  beforeAll(async () => {
    stack = await openStack({ sandbox: ['--indicators', '0'] });
    worker = await startLoudWorker(stack);
    file = join(stack.folder, 'artifacts.txt');
    await writeFile(file, LIST.map(([written]) => written).join('\r\n'));
  });

  afterAll(async () => {
    await worker.stop();
    await stack.close();
  });

  const env = () => ({ TEMPORAL_ADDRESS: stack.temporal.address, MDTI_SYNC_TASK_QUEUE: `queue of ${stack.pipeline}` });
  const enrich = (stdin: string, ...args: string[]): Promise<Finished> =>
    run(['enrich', '--values', '-', ...args], { env: env(), cwd: stack.folder, stdin });
  const lookUps = async (): Promise<unknown> =>
    Object.entries(await tipCounts(stack)).find(([name]) => name === 'lookUps')?.[1];
  const asked = (): string => `TaskQueue = 'queue of ${stack.pipeline}'`;

  test('has a row for each value, in the order of the list; each host is looked up once', async () => {
    const finished = await stack.command('enrich', '--values', file, '--json');
    expect(finished.code, finished.stderr).toBe(0);
    const { values, counts } = printed.parse(lastLine(finished));
    const expected = LIST.flatMap(([, row], index) => (row === null ? [] : [{ line: index + 1, ...row }]));
    expect(values).toMatchObject(expected);
    expect(values).toHaveLength(expected.length);
    expect(counts).toMatchObject({
      values: expected.length,
      hashes: 1,
      reserved: 2,
      noHosts: 1,
      hosts: { lookedUp: LOOK_UPS, known: 0, notAnswered: 0 },
    });
    expect(await lookUps()).toBe(LOOK_UPS);
    expect(finished.stderr).toContain(`Of ${LOOK_UPS} hosts, ${LOOK_UPS} looked up now, 0 known already.`);
  });

  test('costs nothing the next time, from standard input, as a CSV or as a table', async () => {
    const csv = await enrich(`n,ioc\n${HOSTS.map((host, at) => `${at},"${host}"`).join('\n')}\n`, '--format', 'csv');
    expect(csv.code, csv.stderr).toBe(0);
    const lines = csv.stdout.split('\r\n');
    expect(lines).toHaveLength(HOSTS.length + 2);
    expect(lines[1]).toMatch(/^"2","artifact-0\.values-test\.net","","domain",/);
    expect(csv.stderr).toContain('The list on standard input is read by its column "ioc".');
    expect(csv.stderr).toContain(`Of 40 hosts, 0 looked up now, 40 known already.`);

    const table = await enrich(HOSTS.join('\n'), '--minimum-score', '50');
    const bad = HOSTS.filter((host) => (madeUpReputation(1, host)?.score ?? 0) >= 50);
    expect(bad.length).toBeGreaterThan(0);
    expect(HOSTS.filter((host) => table.stdout.includes(` ${host} `))).toEqual(bad);
    expect(await lookUps()).toBe(LOOK_UPS);
  });

  test('more than one question holds takes as many as it needs', async () => {
    const hosts = Array.from({ length: 1_100 }, (_, at) => `many-${at}.values-test.net`);
    const finished = await enrich(hosts.join('\n'), '--json');
    expect(finished.code, finished.stderr).toBe(0);
    expect(printed.parse(lastLine(finished)).values.map(({ value }) => value)).toEqual(hosts);
    expect(await lookUps()).toBe(LOOK_UPS + hosts.length);
    expect(finished.stderr).toContain('500 of 1,100 hosts');
  });

  test('who waits is told for what, and may go: nothing is left running', async () => {
    await stack.control('PUT', '/faults', { graph: { everyNth429: 1, retryAfterSeconds: 5 } });
    const waiting = launch(['enrich', '--values', '-'], { env: env(), cwd: stack.folder });
    waiting.child.stdin?.end('late.values-test.net\n');
    await waiting.line('stderr', /waiting: /);
    expect(await waiting.stop('SIGINT')).toBe(130);
    expect(waiting.stdout()).toBe('');
    await stack.control('PUT', '/faults', { graph: { everyNth429: 0 } });
    const query = `${asked()} and ExecutionStatus = 'Running'`;
    await expect
      .poll(async () => (await stack.temporal.client.workflow.count(query)).count, { timeout: 30_000 })
      .toBe(0);
  });

  test('without a licence, the sentence says what to do', async () => {
    await stack.control('PUT', '/faults', { graph: { licence: true } });
    const finished = await enrich('unlicensed.values-test.net');
    await stack.control('PUT', '/faults', { graph: { licence: false } });
    expect(finished.code).toBe(1);
    expect(finished.stderr).toMatch(/^mdti-sync: .*licence/m);
    expect(finished.stdout).toBe('');
  });

  test('no value is in Temporal or in a log, and no exchange is left open', async () => {
    const texts = [
      ...(await recordedTexts(stack.temporal, stack.pipeline, asked())),
      { at: 'worker: stdout', text: worker.stdout() },
      { at: 'worker: stderr', text: worker.stderr() },
    ];
    const containing = (word: string): readonly string[] =>
      texts.filter(({ text }) => text.toLowerCase().includes(word)).map(({ at }) => `${at}: ${word}`);
    // It finds what is there.
    for (const word of ['ask/values/reputations/', 'open-exchange', 'publickey', 'sealed']) {
      expect(containing(word).length, word).toBeGreaterThan(0);
    }
    expect(NEEDLES.flatMap(containing)).toEqual([]);
    const ledger = await stack.openLedger();
    try {
      expect(await ledger.selectFrom('exchanges').select('id').execute()).toEqual([]);
    } finally {
      await ledger.destroy();
    }
  });
});

test('a worker of an earlier release is told from one that has no answer', async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR', () => undefined) });
  const address = inject('temporalAddress');
  const connection = await NativeConnection.connect({ address });
  const taskQueue = 'of an earlier release';
  const worker = await Worker.create({
    connection,
    taskQueue,
    workflowBundle: { codePath: 'dist/worker/workflow-bundle.js' },
    activities: {
      // As such a one answers whatever is of no pipeline that it has.
      answer: async () => {
        throw ApplicationFailure.create({ type: 'UnknownPipeline', message: 'No pipeline null.', nonRetryable: true });
      },
    },
  });
  const finished = await worker.runUntil(() =>
    run(['enrich', '--values', '-'], {
      env: { TEMPORAL_ADDRESS: address, MDTI_SYNC_TASK_QUEUE: taskQueue },
      stdin: 'evil.values-test.net',
    }),
  );
  await connection.close();
  expect(finished).toMatchObject({ code: 1, stdout: '' });
  expect(finished.stderr).toMatch(/^mdti-sync: The worker that has answered is of an earlier release/m);
});
