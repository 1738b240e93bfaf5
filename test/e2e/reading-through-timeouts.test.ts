import { afterEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { openStack } from './open-stack.ts';
import { expectRightSums, runSums } from './run-sums.ts';
import { lastLine, type Stack } from './stack.ts';
import { tipCounts } from './tip-counts.ts';

const ROWS = 40;
const requests = z.object({ requests: z.object({ logs: z.number() }) });

let stack: Stack;
afterEach(() => stack.close());

async function open(halveAfter: string): Promise<void> {
  stack = await openStack({
    sandbox: ['--indicators', '0'],
    source: { since: '2h' },
    logAnalytics: { halveAfter },
  });
  await stack.startWorker();
}

/** Rows that are delivered without a reputation. */
async function arrive(rows: number): Promise<readonly string[]> {
  const values = Array.from({ length: rows }, (_, row) => `https://host${row}.example.com/path`);
  await stack.control(
    'POST',
    '/rows',
    values.map((value) => ({
      Id: `id of ${value}`,
      ObservableKey: 'url:value',
      ObservableValue: value,
      Pattern: `[url:value = '${value}']`,
    })),
  );
  return values;
}

test('a service that times out for a while costs no row: the run waits, and reads the window whole', async () => {
  await open('1h');
  await arrive(ROWS);
  await stack.control('PUT', '/faults', { logs: { everyNth504: 1 } });
  const asked = async (): Promise<number> => requests.parse(await tipCounts(stack)).requests.logs;
  const before = await asked();
  const running = stack.sync();
  await vi.waitFor(async () => expect(await asked()).toBeGreaterThan(before + 4), { timeout: 60_000, interval: 100 });
  await stack.control('PUT', '/faults', { logs: { everyNth504: 0 } });
  const run = runSums.parse(await running);
  expectRightSums(run);
  expect(run).toMatchObject({ rows: ROWS, new: ROWS, confirmed: ROWS, malformed: 0 });
  expect(await tipCounts(stack)).toMatchObject({ holds: ROWS, duplicates: 0 });
});

test('a row that times out by itself is set aside: the run says so, and status lists it', async () => {
  await open('1s');
  const [bad] = await arrive(2);
  await stack.control('PUT', '/faults', { logs: { timeoutValues: [bad] } });
  const run = await stack.command('sync', '--pipeline', stack.pipeline);
  expect(run).toMatchObject({ code: 0, stdout: expect.stringContaining('Warning: 1 part of the rows was not given') });
  const finished = await stack.command('status', '--pipeline', stack.pipeline, '--json');
  expect(lastLine(finished)).toMatchObject({
    pipelines: [{ gaps: [], open: [], indicators: 1, quarantined: 0, unreadSlices: 1, unread: [{ tries: 3 }] }],
  });
  const { stdout } = await stack.command('status', '--pipeline', stack.pipeline);
  expect(stdout).toMatch(/unread .*not given 3 times since .*read again by the first run from .* on: .*504/);
});
