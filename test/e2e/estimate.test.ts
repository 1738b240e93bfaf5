import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { askLedger, NotAnsweredYet } from '../../client/ask-ledger.ts';
import { openStack } from './open-stack.ts';
import { lastLine, type Stack } from './stack.ts';
import { tipCounts } from './tip-counts.ts';

const estimated = z.object({
  estimate: z.object({
    windows: z.number(),
    rows: z.number(),
    indicators: z.number(),
    hosts: z.number(),
    deliveries: z.number(),
    shipments: z.number(),
    shipmentName: z.string().optional(),
    requests: z.object({ logAnalytics: z.number(), mdti: z.number(), destination: z.number() }),
  }),
});
const counted = z.object({
  requests: z.object({ logs: z.number(), graph: z.number(), threatstream: z.number() }),
  lookUps: z.number(),
  holds: z.number(),
  sessions: z.number(),
});

/** An estimate is for planning a night or a week: neither a third nor three times of what it is. */
const FACTOR = 3;
const HOUR_MS = 3_600_000;

let stack: Stack | null = null;
afterEach(async () => {
  await stack?.close();
  stack = null;
});

function spanOf(hours: number): { readonly from: string; readonly to: string } {
  const to = Date.now() - 1_000;
  return { from: new Date(to - hours * HOUR_MS).toISOString(), to: new Date(to).toISOString() };
}

function expectNear(estimate: number, real: number, what: string, factor = FACTOR): void {
  const said = `${what}: estimated ${estimate}, in fact ${real}`;
  expect(estimate, said).toBeLessThanOrEqual(real * factor);
  expect(estimate * factor, said).toBeGreaterThanOrEqual(real);
}

test.each(['required', 'automatic', 'bypass'])(
  'with approval %s an estimate is near what the backfill costs',
  async (approval) => {
    const opened = await openStack({
      sandbox: ['--indicators', '600', '--ingested-over', '2d'],
      destination: { approval, confirmFor: '10s' },
    });
    stack = opened;
    await opened.startWorker();
    const { from, to } = spanOf(49);
    const backfill = ['backfill', '--pipeline', opened.pipeline, '--from', from, '--to', to, '--json'];
    const { estimate } = estimated.parse(lastLine(await opened.command(...backfill, '--dry-run')));
    const before = counted.parse(await tipCounts(opened));
    const run = await opened.command(...backfill, '--yes');
    expect(run.code, run.stderr).toBe(0);
    const after = counted.parse(await tipCounts(opened));

    expectNear(estimate.deliveries, after.holds, 'deliveries');
    expectNear(estimate.hosts, after.lookUps, 'look-ups');
    expectNear(
      estimate.requests.destination,
      after.requests.threatstream - before.requests.threatstream,
      'destination',
    );
    // As the two are planned by the same function, they differ by the sample alone.
    if (approval === 'bypass') {
      expect(estimate.shipmentName).toBeUndefined();
    } else {
      expect(estimate.shipmentName).toBe('import session');
      expectNear(estimate.shipments, after.sessions, 'sessions', 1.5);
      const asked = after.requests.threatstream - before.requests.threatstream;
      expectNear(estimate.requests.destination / estimate.shipments, asked / after.sessions, 'each session', 1.2);
    }
    expectNear(estimate.requests.mdti, after.requests.graph - before.requests.graph, 'MDTI');
    // Each costs a request at least.
    expect(estimate.shipments).toBeGreaterThan(0);
    expect(estimate.shipments).toBeLessThanOrEqual(estimate.requests.destination);
    // The second run counts and samples once more.
    expectNear(estimate.requests.logAnalytics, after.requests.logs - before.requests.logs, 'Log Analytics');

    // What is held already costs nothing more than reading it.
    const again = await opened.command(
      'backfill',
      '--pipeline',
      opened.pipeline,
      '--json',
      '--dry-run',
      '--from',
      spanOf(60).from,
      '--to',
      from,
    );
    expect(estimated.parse(lastLine(again)).estimate).toMatchObject({
      shipments: 0,
      requests: { mdti: 0, destination: 0 },
    });
  },
);

test('an estimate that takes long, or does not succeed, says so, and not that no worker is there', async () => {
  const opened = await openStack({ sandbox: ['--indicators', '50'] });
  stack = opened;
  await opened.startWorker();
  const queue = `queue of ${opened.pipeline}`;
  const question = { kind: 'estimate', pipeline: opened.pipeline, ...spanOf(2), windowMs: null } as const;
  // Long enough for a busy machine to have begun with it.
  const timeoutMs = 30_000;

  await opened.control('PUT', '/faults', { wire: [{ api: 'logs', kind: 'hang', ms: 600_000 }] });
  const asked = askLedger(opened.temporal, queue, question, { timeoutMs });
  await expect(asked).rejects.toThrow(NotAnsweredYet);
  await expect(asked).rejects.toThrow('A worker is at it, and was not done within 30 s.');

  await opened.control('PUT', '/faults', { wire: [], logs: { everyNth503: 1 } });
  const failing = askLedger(opened.temporal, queue, question, { timeoutMs });
  await expect(failing).rejects.toThrow(/^A worker tries to answer, and did not succeed within 30 s: .*Log Analytics/);

  const interrupted = askLedger(opened.temporal, queue, question, {
    timeoutMs: 60_000,
    signal: AbortSignal.abort(new Error('interrupted')),
  });
  await expect(interrupted).rejects.toThrow('interrupted');
});
