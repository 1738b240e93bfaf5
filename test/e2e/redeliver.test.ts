import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { oneWindow } from '../../client/cli/one-window.ts';
import type { ArrivingRow } from '../../sandbox/rows/arrived-row.ts';
import type { Finished, Running } from './command.ts';
import { openStack } from './open-stack.ts';
import { lastLine, type Stack } from './stack.ts';
import { tipCounts } from './tip-counts.ts';

const HASHES = Array.from({ length: 12 }, (_, index) => createHash('sha256').update(`file ${index}`).digest('hex'));
const BAD = HASHES.slice(0, 2);

function rowOf(value: string): ArrivingRow {
  return {
    IngestionTime: new Date(Date.now() - 60_000).toISOString(),
    Id: `indicator--${value.slice(0, 12)}`,
    ObservableKey: "file:hashes.'SHA-256'",
    ObservableValue: value,
    Tags: '',
    Confidence: 80,
    ValidUntil: null,
    Data: { indicator_types: ['malicious-activity'], labels: ['malware'], object_marking_refs: [] },
  };
}

let stack: Stack;
let worker: Running;
beforeAll(async () => {
  stack = await openStack({
    sandbox: ['--indicators', '0'],
    source: { since: '2h', window: oneWindow(new Date()) },
  });
  await stack.control('POST', '/rows', HASHES.map(rowOf));
  await stack.control('PUT', '/faults', { threatstream: { poison: BAD } });
  worker = await stack.startWorker();
});
afterAll(() => stack.close());

const ask = (command: string, ...more: string[]): Promise<Finished> =>
  stack.command(command, '--pipeline', stack.pipeline, '--task-queue', `queue of ${stack.pipeline}`, ...more);

const shown = z.object({
  pipelines: z.tuple([
    z.looseObject({
      coverage: z.object({ from: z.string(), to: z.string() }),
      setAside: z.array(z.unknown()),
      rejectedBy: z.array(z.object({ reason: z.string(), items: z.number() })),
    }),
  ]),
});
const status = async () => shown.parse(lastLine(await ask('status', '--json'))).pipelines[0];

test('what was rejected is named by status, without a value, with what to press', async () => {
  expect(await stack.sync()).toMatchObject({ new: 12, confirmed: 10, rejected: 2 });
  expect(await status()).toMatchObject({
    setAside: [],
    due: 0,
    rejectedBy: [{ reason: expect.stringContaining('declined the indicator with 400'), items: 2 }],
  });
  const { stdout } = await ask('status');
  expect(stdout).toContain('2: ThreatStream declined the indicator with 400');
  expect(stdout).toContain(`mdti-sync redeliver --pipeline ${stack.pipeline} --rejected`);
  for (const value of BAD) expect(stdout).not.toContain(value);
});

test('a window that there is not is a sentence', async () => {
  const { code, stderr } = await ask('redeliver', '--window', '2020-01-01T00:00:00Z');
  expect(code).toBe(1);
  expect(stderr).toMatch(/No window of .* has 2020-01-01T00:00:00.000Z in it: 'mdti-sync coverage/);
  expect((await ask('redeliver', '--window', 'yesterday')).code).toBe(2);
});

test('redeliver sends them again, follows the run and says what became of them', async () => {
  await stack.control('PUT', '/faults', { threatstream: { poison: [] } });
  const { coverage } = await status();
  const redelivered = await ask('redeliver', '--rejected', '--window', coverage.from, '--json');
  expect(redelivered.code, redelivered.stderr).toBe(0);
  expect(redelivered.stderr).toContain('To take up again: 2 that were rejected, 0 that were set aside.');
  expect(lastLine(redelivered)).toMatchObject({
    marked: { rejected: 2, setAside: 0 },
    waiting: 0,
    besides: { confirmed: 2 },
    pending: 0,
  });
  expect(await status()).toMatchObject({ rejectedBy: [], due: 0, deliveries: { confirmed: 12 } });
  expect(await tipCounts(stack)).toMatchObject({ holds: 12, duplicates: 0, updates: 0 });
});

test('when there is nothing, it says so and runs nothing', async () => {
  const { code, stdout, stderr } = await ask('redeliver');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('There is nothing to take up again.');
});

test('what was set aside is listed by stage and reason, and taken up by redeliver', async () => {
  await worker.stop();
  const ledger = await stack.openLedger();
  const indicators = await ledger.selectFrom('indicators').select('id').orderBy('id').limit(3).execute();
  await ledger
    .insertInto('set_aside')
    .values(
      indicators.map(({ id }, index) => ({
        indicator_id: id,
        stage: index === 0 ? ('look-up' as const) : ('delivery' as const),
        reason: 'nobody answered',
        since: '2026-11-24T08:00:00Z',
        due_at: index === 0 ? '2126-11-25T08:00:00Z' : null,
      })),
    )
    .execute();
  await ledger.destroy();
  worker = await stack.startWorker();

  expect(await status()).toMatchObject({
    setAside: [
      { stage: 'delivery', reason: 'nobody answered', items: 2, since: '2026-11-24T08:00:00.000Z', due: null },
      { stage: 'look-up', items: 1, due: '2126-11-25T08:00:00.000Z' },
    ],
  });
  const { stdout } = await ask('status');
  expect(stdout).toContain('2 at delivery since 2026-11-24T08:00Z: nobody answered');
  expect(stdout).toContain('1 at look-up since 2026-11-24T08:00Z, taken up by itself from 2126-11-25T08:00Z');
  expect(stdout).toContain(`mdti-sync redeliver --pipeline ${stack.pipeline} --set-aside`);

  const redelivered = await ask('redeliver', '--set-aside', '--json');
  expect(redelivered.code, redelivered.stderr).toBe(0);
  expect(lastLine(redelivered)).toMatchObject({
    marked: { rejected: 0, setAside: 3 },
    waiting: 0,
    besides: { confirmed: 3 },
  });
  expect(await status()).toMatchObject({ setAside: [] });
  expect(await tipCounts(stack)).toMatchObject({ holds: 12, duplicates: 0 });
});
