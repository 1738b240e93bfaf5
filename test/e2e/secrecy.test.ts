import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { oneWindow } from '../../client/cli/one-window.ts';
import type { Finished, Running } from './command.ts';
import { startLoudWorker } from './loud-worker.ts';
import { openStack } from './open-stack.ts';
import { type RecordedText, recordedTexts } from './recorded-texts.ts';
import { lastLine, type Stack } from './stack.ts';

const holdings = z.array(z.object({ value: z.string() }));
const WRONG_SECRET = 'a-wrong-client-secret-of-7-words';
const CAMPAIGN = 'Operation Nobody Says';

/** Each type, many times; some cannot be read, and some are excluded. */
const VALUES: readonly (readonly [type: string, value: string])[] = Array.from({ length: 30 }, (_, n) => {
  const hex = createHash('sha512').update(`secrecy ${n}`).digest('hex');
  return [
    ['ipv4', `100.${n}.20.30`],
    ['ipv4', `10.77.${n}.88`],
    ['ipv4', `unreadable-${n}-address`],
    ['ipv6', `2a0e:1:2:${n.toString(16)}::9`],
    ['domain', `gate-${n}.secrecy-test.net`],
    ['url', `http://secrecy-test-${n}.net/gate?id=${n}`],
    ['md5', hex.slice(0, 32)],
    ['sha1', hex.slice(0, 40)],
    ['sha256', hex.slice(0, 64)],
    ['email', `billing-${n}@secrecy-test.net`],
  ] as const;
}).flat();

describe('no indicator and no secret is in Temporal, in a log or in what a command prints', () => {
  let folder: string;
  let stack: Stack;
  let worker: Running;
  const printed: RecordedText[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mdti-sync secrecy '));
    const feed = join(folder, 'feed.csv');
    const lines = VALUES.map(([type, value]) => `${type},${value},${CAMPAIGN}`);
    await writeFile(feed, `type,value,campaign\n${lines.join('\n')}\n`);
    stack = await openStack({
      sandbox: ['--feed', feed],
      source: { sliceRows: 100, window: oneWindow(new Date()) },
      policy: { minimumScore: 40 },
    });
    worker = await startLoudWorker(stack);
  });

  afterAll(async () => {
    await worker.stop();
    await stack.close();
    await rm(folder, { recursive: true, force: true });
  });

  const say = async (...args: string[]): Promise<Finished> => {
    const finished = await stack.command(...args);
    printed.push(
      { at: `${args[0]}: stdout`, text: finished.stdout },
      { at: `${args[0]}: stderr`, text: finished.stderr },
    );
    return finished;
  };
  const sync = (): Promise<Finished> => say('sync', '--pipeline', stack.pipeline, '--json');
  /** Lets a fresh row of each type arrive. */
  const arrive = async (name: string): Promise<readonly string[]> => {
    const values = [`${name}.late-secrecy-test.net`, `http://late-secrecy-test.net/${name}`];
    await stack.control('POST', '/rows', [
      {
        Id: `source---indicator--${name}-1`,
        ObservableKey: 'domain-name:value',
        ObservableValue: values[0],
        Tags: CAMPAIGN,
      },
      { Id: `source---indicator--${name}-2`, ObservableKey: 'url:value', ObservableValue: values[1], Tags: CAMPAIGN },
    ]);
    return values;
  };
  const needles = async (more: readonly string[] = []): Promise<readonly string[]> => {
    const held = holdings.parse(await stack.control('POST', '/tips/threatstream/holdings')).map(({ value }) => value);
    expect(held.length).toBeGreaterThan(100);
    return [...VALUES.map(([, value]) => value), ...held, ...more, CAMPAIGN, ...secretsOf(stack)];
  };
  const everything = async (): Promise<readonly RecordedText[]> => [
    ...(await recordedTexts(stack.temporal, stack.pipeline)),
    ...printed,
    { at: 'worker: stdout', text: worker.stdout() },
    { at: 'worker: stderr', text: worker.stderr() },
  ];

  test('the search finds what is there', async () => {
    const finished = await sync();
    expect(finished.code, finished.stderr).toBe(0);
    expect(lastLine(finished)).toMatchObject({ rows: 300, malformed: 30, excluded: 30, pending: 0 });
    const texts = await everything();
    const workflows = new Set(texts.map(({ at }) => at.split(': ')[0]));
    expect(workflows.size).toBeGreaterThan(3);
    // In payloads, as a name, in headers, in a log.
    for (const word of [stack.pipeline, 'windowId', 'MdtiPipeline', 'score 240 indicators']) {
      expect(found(texts, [word]).length, word).toBeGreaterThan(0);
    }
  });

  test('after a run with values that are held, excluded, malformed and rejected', async () => {
    await stack.control('PUT', '/faults', {
      threatstream: { rejectValues: ['rejected'], poison: ['poison.late-secrecy-test.net'] },
    });
    const late = [...(await arrive('rejected')), ...(await arrive('poison'))];
    const finished = await sync();
    expect(finished.code, finished.stderr).toBe(0);
    expect(Number(lastLine(finished)['rejected'])).toBeGreaterThan(0);
    for (const args of [['status'], ['coverage']]) {
      await say(...args, '--pipeline', stack.pipeline, '--task-queue', `queue of ${stack.pipeline}`);
    }
    await say('schedule', 'describe', '--pipeline', stack.pipeline);
    expect(found(await everything(), await needles(late))).toEqual([]);
  });

  test('while a destination fails in every way, and after', async () => {
    const late = [...(await arrive('failing'))];
    await stack.control('PUT', '/faults', { threatstream: { outage: true } });
    const triggered = lastLine(await say('schedule', 'trigger', '--pipeline', stack.pipeline, '--json'));
    await expect
      .poll(() => pendingFailures(stack), { timeout: 60_000 })
      .toEqual([expect.stringMatching(/Unavailable/)]);
    expect(found(await everything(), await needles(late))).toEqual([]);

    await stack.control('PUT', '/faults', { threatstream: { outage: false, unauthorised: true } });
    const blocked = await sync();
    expect(blocked.code).toBe(4);
    expect(lastLine(blocked)).toMatchObject({ workflowId: triggered['workflowId'], state: 'blocked' });
    expect(found(await everything(), await needles(late))).toEqual([]);

    await stack.control('PUT', '/faults', {
      threatstream: { unauthorised: false, everyNthHtml: 11, lostAcks: 2, everyNth429: 7, sessionErrors: 3 },
      graph: { everyNth429: 3, everyNthInner500: 2, unreadable: 5 },
      logs: { everyNthHtml: 3, timeoutOverRows: 60 },
    });
    await stack.control('POST', '/republish');
    const handle = stack.temporal.client.workflow.getHandle(String(triggered['workflowId']));
    await handle.executeUpdate('resume');
    await handle.result();
    expect((await sync()).code).toBe(0);
    expect(found(await everything(), await needles(late))).toEqual([]);
  });
});

test('a wrong client secret blocks the run, and is nowhere to be seen', async () => {
  const stack = await openStack({ sandbox: ['--indicators', '20'] });
  try {
    const worker = await startLoudWorker(stack, { AZURE_CLIENT_SECRET: WRONG_SECRET });
    try {
      const blocked = await stack.command('sync', '--pipeline', stack.pipeline, '--json');
      expect(blocked.code, blocked.stderr).toBe(4);
      expect(lastLine(blocked)).toMatchObject({ state: 'blocked', reason: expect.stringMatching(/secret/i) });
      const texts = [
        ...(await recordedTexts(stack.temporal, stack.pipeline)),
        { at: 'sync', text: blocked.stdout + blocked.stderr },
        { at: 'worker', text: worker.stdout() + worker.stderr() },
      ];
      expect(found(texts, [WRONG_SECRET, ...secretsOf(stack)])).toEqual([]);
      await stack.temporal.client.workflow
        .getHandle(String(lastLine(blocked)['workflowId']))
        .terminate('the test ends');
    } finally {
      await worker.stop();
    }
  } finally {
    await stack.close();
  }
});

function secretsOf({ sandbox: { credentials } }: Stack): readonly string[] {
  return [credentials.clientSecret, credentials.threatstreamUser, credentials.threatstreamApiKey];
}

/** The failures of activities that will be tried again. */
async function pendingFailures({ temporal, pipeline }: Stack): Promise<readonly string[]> {
  const failures: string[] = [];
  const query = `MdtiPipeline = '${pipeline}' and ExecutionStatus = 'Running'`;
  for await (const { workflowId } of temporal.client.workflow.list({ query })) {
    const { raw } = await temporal.client.workflow.getHandle(workflowId).describe();
    for (const { lastFailure } of raw.pendingActivities ?? []) {
      if (lastFailure) failures.push(`${lastFailure.applicationFailureInfo?.type ?? ''}: ${lastFailure.message ?? ''}`);
    }
  }
  return failures;
}

/** An authorization header's value, or a token of the sandbox: 32 bytes in base64url. */
const TOKEN = /bearer\s+\S|apikey\s+\S+:\S|(?<![\w-])(?=[\w-]*\d)[\w-]{43}(?![\w-])/i;

/** Where one of these stands, and which; letters of either case are the same. */
function found(texts: readonly RecordedText[], needles: readonly string[]): readonly string[] {
  const wanted = [...new Set(needles.map((needle) => needle.toLowerCase()))];
  return texts.flatMap(({ at, text }) => {
    const lower = text.toLowerCase();
    const here = wanted.filter((needle) => lower.includes(needle));
    const token = TOKEN.exec(text)?.[0];
    return [...here, ...(token === undefined ? [] : [token])].map((needle) => `${at}: ${needle}`);
  });
}
