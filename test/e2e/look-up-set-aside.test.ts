import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { oneWindow } from '../../client/cli/one-window.ts';
import { madeUpReputation } from '../../sandbox/graph/made-up-reputation.ts';
import { openStack } from './open-stack.ts';
import type { Stack } from './stack.ts';
import { tipCounts } from './tip-counts.ts';

const counts = z.object({ holds: z.number(), duplicates: z.number(), lookUps: z.number() });

let stack: Stack | null = null;
afterEach(async () => {
  await stack?.close();
  stack = null;
});

/** The seed that a sandbox has when it is given none. */
const SEED = 1;
const HOSTS = Array.from({ length: 200 }, (_, index) => `host-${index}.set-aside-test.net`)
  .filter((host) => (madeUpReputation(SEED, host)?.score ?? 0) >= 75)
  .slice(0, 12);
const HASHES = Array.from({ length: 5 }, (_, index) => `${index}`.repeat(32));

test('one host whose look-up always fails as without a licence is set aside; all else is delivered, and the run is done', async () => {
  const open = await openStack({
    sandbox: ['--indicators', '0'],
    source: { since: '2h', window: oneWindow(new Date()) },
  });
  stack = open;
  const [bad = '', ...others] = HOSTS;
  await open.control('PUT', '/faults', { graph: { hosts: { [bad]: 'error-retrieving' } } });
  await open.control('POST', '/rows', [
    ...HOSTS.map((host, index) => ({
      Id: `host--${index}`,
      ObservableKey: 'domain-name:value',
      ObservableValue: host,
    })),
    ...HASHES.map((hash, index) => ({
      Id: `hash--${index}`,
      ObservableKey: "file:hashes.'MD5'",
      ObservableValue: hash,
    })),
  ]);
  const worker = await open.startWorker();
  const delivered = others.length + HASHES.length;
  expect(await open.sync()).toMatchObject({
    confirmed: delivered,
    pending: 0,
    rejected: 0,
    held: 1,
    heldBy: { 'look-up-failed': 1 },
  });
  const seen = counts.parse(await tipCounts(open));
  expect(seen).toMatchObject({ holds: delivered, duplicates: 0 });

  // The next run has nothing to do with it: it is due the next day.
  expect(await open.sync()).toMatchObject({ confirmed: 0, pending: 0, held: 0 });
  expect(counts.parse(await tipCounts(open))).toEqual(seen);
  await worker.stop();

  const ledger = await open.openLedger();
  try {
    const listed = await ledger
      .selectFrom('set_aside')
      .innerJoin('indicators', 'indicators.id', 'set_aside.indicator_id')
      .select(['value', 'stage', 'reason', 'due_at'])
      .execute();
    expect(listed).toEqual([
      {
        value: bad,
        stage: 'look-up',
        reason: expect.stringMatching(/5 tries.*answered 500 \(generalException\)/),
        due_at: expect.any(Date),
      },
    ]);
  } finally {
    await ledger.destroy();
  }
});
