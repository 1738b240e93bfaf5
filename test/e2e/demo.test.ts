import { execFile } from 'node:child_process';
import { once as onceEmitted } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Finished, launch, type Running, run } from './command.ts';
import { expectRightSums, runSums } from './run-sums.ts';
import { lastLine } from './stack.ts';

const counted = runSums.extend({
  excludedBy: z.record(z.string(), z.number()),
  batches: z.number(),
  seconds: z.number(),
  sandbox: z.object({
    holds: z.number(),
    duplicates: z.number(),
    sessions: z.number(),
    publicTags: z.number(),
    requests: z.number(),
    requestsByApi: z.object({ threatstream: z.number(), graph: z.number(), logs: z.number() }),
    lookUps: z.number(),
    tagNames: z.number(),
  }),
});
type Counted = z.infer<typeof counted>;

/** One of each type, in the ranges and under the names that are set aside for examples where the product lets them pass. */
const FEED = [
  'type,value',
  'ipv4,100.20.30.40',
  'ipv6,2a0e:1:2::3',
  'domain,gate.feed-test-one.net',
  'url,http://feed-test-two.net/gate?id=1',
  'md5,0123456789abcdef0123456789abcdef',
  'sha1,0123456789abcdef0123456789abcdef01234567',
  'sha256,0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
  'email,billing@feed-test-three.net',
  'ipv4,not an address',
  'ipv4,10.1.2.3',
];

describe('the demo', () => {
  let folder: string;
  let here: string;
  let env: Readonly<Record<string, string>>;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mdti-sync demo '));
    here = join(folder, 'a working directory');
    await mkdir(here);
    await mkdir(join(folder, 'tmp'));
    // What a demo leaves behind for a while, it leaves here.
    env = { TMPDIR: join(folder, 'tmp') };
  });

  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const once = (...more: string[]): Promise<Finished> => run(['demo', '--once', '--json', ...more], { cwd: here, env });

  test('accounts for every row, and holds in ThreatStream what it confirmed', async () => {
    const finished = await once('--indicators', '300');
    expect(finished.code, finished.stderr).toBe(0);
    const counts = counted.parse(lastLine(finished));
    expectRightSums(counts);
    expect(counts.rows).toBeGreaterThan(300);
    expect(Math.min(counts.excluded, counts.malformed, counts.merged, counts.held)).toBeGreaterThan(0);
    expect(counts).toMatchObject({ changed: 0, unchanged: 0, pending: 0, batches: 1 });
    expect(counts.sandbox).toMatchObject({ holds: counts.confirmed, duplicates: 0, publicTags: 0 });
    expect(counts.confirmed).toBeGreaterThan(100);
    // As many sessions as there are different confidences and months, however many indicators.
    expect(counts.sandbox.sessions).toBeGreaterThan(0);
    expect(counts.sandbox.sessions).toBeLessThanOrEqual(40);
    expect(counts.sandbox.tagNames).toBeGreaterThan(0);
    expect(counts.sandbox.tagNames).toBeLessThan(counts.confirmed);
    expect(await readdir(join(folder, 'tmp'))).toEqual([]);
  });

  test('costs an analyst few sessions and ThreatStream few requests, confirmations included', async () => {
    const { confirmed, sandbox } = await countsOf(once());
    expect(confirmed).toBeGreaterThan(1_000);
    expect(sandbox).toMatchObject({ holds: confirmed, duplicates: 0, publicTags: 0 });
    expect((sandbox.sessions / confirmed) * 1_000).toBeLessThanOrEqual(20);
    expect((sandbox.requestsByApi.threatstream / confirmed) * 1_000).toBeLessThanOrEqual(60);
  });

  test('kept, a second run reads everything again and does nothing', async () => {
    const kept = join(folder, 'kept state');
    const first = await countsOf(once('--indicators', '300', '--keep', kept));
    const second = await countsOf(once('--indicators', '300', '--keep', kept));
    expectRightSums(first);
    expectRightSums(second);
    expect(second).toMatchObject({ new: 0, changed: 0, confirmed: 0, rejected: 0, held: 0, batches: 0 });
    expect(second.rows).toBeGreaterThan(300);
    expect(second.unchanged).toBeGreaterThan(first.confirmed);
    expect(second.sandbox).toMatchObject({
      holds: first.sandbox.holds,
      duplicates: 0,
      lookUps: 0,
      sessions: 0,
      // What analysts have decided meanwhile is asked for, for all sessions at once.
      requestsByApi: { threatstream: 1, graph: 0 },
    });
  });

  test('kept, a second run that enriches looks nothing up and writes nothing', async () => {
    const kept = join(folder, 'kept state');
    const artifacts = join(folder, 'artifacts.csv');
    const hosts = Array.from({ length: 40 }, (_, index) => `domain,artifact-${index}.example.net`);
    await writeFile(artifacts, ['type,value', ...hosts].join('\n'));
    const enriched = z.looseObject({ read: z.number(), marked: z.number(), artifacts: z.number() });
    const enrich = async () => {
      const finished = await once('--enrich', '--keep', kept, '--artifacts', artifacts);
      expect(finished.code, finished.stderr).toBe(0);
      return enriched.parse(lastLine(finished));
    };
    const first = await enrich();
    expect(first.marked).toBeGreaterThan(10);
    expect(await enrich()).toMatchObject({
      read: first.artifacts,
      artifacts: first.artifacts,
      new: 0,
      changed: 0,
      lookedUp: 0,
      marked: 0,
      cleared: 0,
      sandbox: { requestsByApi: { graph: 0 }, lookUps: 0, tagWrites: 0, publicTags: 0 },
    });
  });

  test.each([[['--enrich', '--destination', 'misp']], [[]]])(
    'with %j, --artifacts would be left out of account, and is refused',
    async (options) => {
      const finished = await once(...options, '--artifacts', 'some.csv');
      expect(finished.code).toBe(2);
      expect(finished.stderr).toContain('--artifacts goes with --enrich, of a demo whose destination is threatstream.');
    },
  );

  test('kept, a run that was interrupted is gone on with, and nothing is sent twice', async () => {
    const kept = join(folder, 'kept state');
    const demo = launch(['demo', '--once', '--indicators', '3000', '--keep', kept], { cwd: here, env });
    await demo.line('stderr', /delivering/);
    expect(await demo.stop('SIGINT')).toBe(130);
    const finished = await once('--keep', kept);
    expect(finished.code, finished.stderr).toBe(0);
    expect(finished.stderr).toContain('A run is going already');
    const counts = counted.parse(lastLine(finished));
    expectRightSums(counts);
    expect(counts.rows).toBeGreaterThan(3_000);
    expect(counts.sandbox).toMatchObject({ holds: counts.confirmed, duplicates: 0 });
  });

  test('kept, is not run twice at once: the second one says so, and disturbs nothing', async () => {
    const kept = join(folder, 'kept state');
    const demo = launch(['demo', '--indicators', '50', '--keep', kept], { cwd: here, env });
    await demo.line('stderr', /Press Ctrl-C/);
    const second = await once('--keep', kept);
    expect(second.code, second.stderr).toBe(1);
    expect(second.stderr).toMatch(/is open already \(process \d+ on .*\), and takes one process at a time/);
    await demo.stop('SIGINT');
    const third = await countsOf(once('--indicators', '50', '--keep', kept));
    expectRightSums(third);
    expect(third).toMatchObject({ new: 0, confirmed: 0 });
  });

  test('takes the indicators of a CSV', async () => {
    const feed = join(folder, 'a feed.csv');
    await writeFile(feed, `${FEED.join('\n')}\n`);
    const counts = await countsOf(once('--feed', feed, '--minimum-score', '0'));
    expectRightSums(counts);
    expect(counts).toMatchObject({
      rows: 10,
      new: 8,
      malformed: 1,
      excluded: 1,
      excludedBy: { 'reserved-address': 1 },
    });
    // Hashes, the URL and the e-mail address, which have no reputation, at least.
    expect(counts.confirmed).toBeGreaterThanOrEqual(5);
    expect(counts.sandbox).toMatchObject({ holds: counts.confirmed, duplicates: 0 });
  });

  test('ends with a sentence when the CSV cannot be read', async () => {
    const feed = join(folder, 'broken.csv');
    await writeFile(feed, 'type,value\nipv4,100.20.30.40\ndomain,"never closed\n');
    const finished = await once('--feed', feed);
    expect(finished.code).not.toBe(0);
    expect(finished.code).not.toBeNull();
    expect(finished.stderr).toMatch(/broken\.csv.*line 3/);
    expect(finished.stderr).not.toMatch(/^\s+at /m);
    await expect.poll(() => mentioning(folder), { timeout: 30_000 }).toEqual([]);
  });

  test('Ctrl-C ends it when the run is complete, and everything that it started', async () => {
    const demo = launch(['demo', '--indicators', '50'], { cwd: here, env });
    await demo.line('stderr', /Press Ctrl-C/);
    const parts = await partsOf(demo);
    expect(parts).toHaveLength(2);
    expect(await demo.stop('SIGINT')).toBe(0);
    expect(await alive(parts)).toEqual([]);
    expect(await readdir(join(folder, 'tmp'))).toEqual([]);
  });

  test('Ctrl-C ends it in the middle of the run, with the exit code of an interruption', async () => {
    const demo = launch(['demo', '--once', '--indicators', '5000'], { cwd: here, env });
    await demo.line('stderr', /^Started /);
    const parts = await partsOf(demo);
    expect(parts).toHaveLength(2);
    expect(await demo.stop('SIGINT')).toBe(130);
    expect(await alive(parts)).toEqual([]);
    expect(demo.stderr()).not.toMatch(/^\s+at /m);
    expect(await readdir(join(folder, 'tmp'))).toEqual([]);
  });

  test('killed, it takes with it what it started', async () => {
    const demo = launch(['demo', '--indicators', '50'], { cwd: here, env });
    await demo.line('stderr', /^Started /);
    const parts = await partsOf(demo);
    expect(parts).toHaveLength(2);
    await demo.stop('SIGKILL');
    await expect.poll(() => alive(parts), { timeout: 30_000 }).toEqual([]);
  });

  test.each([
    [' server start-dev ', 'The Temporal dev server ended before the demo did. Its log is '],
    ['main.js sandbox ', 'The sandbox ended before the demo did.'],
  ])(
    'ends with a sentence when a part of it is gone (%s), and logs nothing to the terminal',
    async (part, sentence) => {
      const kept = join(folder, 'kept state');
      const demo = launch(['demo', '--indicators', '50', '--keep', kept], { cwd: here, env });
      await demo.line('stderr', /Press Ctrl-C/);
      const gone = (await partsOf(demo)).find(({ command }) => command.includes(part));
      process.kill(gone?.pid ?? 0, 'SIGKILL');
      await onceEmitted(demo.child, 'close');
      expect(demo.child.exitCode).toBe(1);
      expect(demo.stderr()).toContain(`mdti-sync: ${sentence}`);
      expect(demo.stderr() + demo.stdout()).not.toMatch(/^\s*[{[]/m);
    },
  );

  test('two at the same time do not meet', async () => {
    const both = await Promise.all([
      countsOf(once('--indicators', '60')),
      countsOf(once('--indicators', '60', '--seed', '2')),
    ]);
    for (const counts of both) {
      expectRightSums(counts);
      expect(counts.sandbox).toMatchObject({ holds: counts.confirmed, duplicates: 0 });
      expect(counts.confirmed).toBeGreaterThan(0);
    }
  });
});

async function countsOf(finishing: Promise<Finished>): Promise<Counted> {
  const finished = await finishing;
  expect(finished.code, finished.stderr).toBe(0);
  return counted.parse(lastLine(finished));
}

interface Listed {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

async function processes(): Promise<readonly Listed[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,args='], { maxBuffer: 2 ** 26 });
  return stdout.split('\n').flatMap((line) => {
    const [, pid, parent, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return command === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), command }];
  });
}

/** The Temporal server and the sandbox of a running demo. */
async function partsOf({ child }: Running): Promise<readonly Listed[]> {
  const all = await processes();
  return all.filter(
    ({ parent, command }) => parent === child.pid && / server start-dev |main\.js sandbox /.test(command),
  );
}

/** Those that are still what they were: a number can be another process's by now. */
async function alive(parts: readonly Listed[]): Promise<readonly string[]> {
  const now = await processes();
  return now
    .filter(({ pid, command }) => parts.some((part) => part.pid === pid && part.command === command))
    .map(({ command }) => command);
}

async function mentioning(text: string): Promise<readonly string[]> {
  const now = await processes();
  return now.filter(({ command }) => command.includes(text)).map(({ command }) => command);
}
