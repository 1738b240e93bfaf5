import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { oneWindow } from '../../client/cli/one-window.ts';
import { triggerSchedule } from '../../client/schedules.ts';
import { openStack } from './open-stack.ts';
import { lastLine, type Stack } from './stack.ts';
import { tipCounts } from './tip-counts.ts';

const ROWS = 200;
const asked = z.object({ requests: z.object({ logs: z.number() }), rowsServed: z.number(), lookUps: z.number() });
const ended = z.object({ windows: z.number(), rows: z.number(), confirmed: z.number(), pending: z.number() });
const known = z.object({
  pipelines: z.tuple([
    z.object({
      indicators: z.number(),
      gaps: z.array(z.unknown()),
      open: z.array(z.object({ state: z.string() })),
      deliveries: z.record(z.string(), z.number()),
    }),
  ]),
});
/** For what a run comes to by itself. */
const SOON = { timeout: 300_000, interval: 100 };

let stack: Stack | null = null;
afterEach(async () => {
  await stack?.close();
  stack = null;
});

async function open(): Promise<Stack> {
  stack = await openStack({
    sandbox: ['--indicators', String(ROWS)],
    source: { window: oneWindow(new Date()) },
    beside: { taxii: { kind: 'taxii' }, misp: { kind: 'misp' } },
  });
  await stack.startWorker();
  return stack;
}

async function sync({ command }: Stack, pipeline: string): Promise<z.infer<typeof ended>> {
  const finished = await command('sync', '--pipeline', pipeline, '--json');
  expect(finished.code, finished.stderr).toBe(0);
  return ended.parse(lastLine(finished));
}

async function statusOf({ command }: Stack, pipeline: string) {
  const [status] = known.parse(lastLine(await command('status', '--pipeline', pipeline, '--json'))).pipelines;
  return status;
}

/** Rows that the source has answered, at least: an answer to a count is a row, too. */
async function rowsServed(of: Stack): Promise<number> {
  const { requests, rowsServed: served } = asked.parse(await tipCounts(of));
  return served - requests.logs;
}

function arrive({ control }: Stack, values: readonly string[]): Promise<unknown> {
  return control(
    'POST',
    '/rows',
    values.map((value) => ({
      Id: `id of ${value}`,
      ObservableKey: 'domain-name:value',
      ObservableValue: value,
      Pattern: `[domain-name:value = '${value}']`,
    })),
  );
}

test('three pipelines for one workspace read each row once, look each host up once, and deliver all of it each', async () => {
  const opened = await open();
  expect(opened.pipelines).toHaveLength(3);
  const first = await Promise.all(opened.pipelines.map((pipeline) => sync(opened, pipeline)));
  const [{ rows, confirmed } = expect.fail()] = first;
  expect(rows).toBeGreaterThanOrEqual(ROWS);
  expect(confirmed).toBeGreaterThan(0);
  for (const end of first) expect(end).toMatchObject({ rows, confirmed, pending: 0 });
  for (const tip of ['threatstream', 'taxii', 'misp']) {
    expect(await tipCounts(opened, tip)).toMatchObject({ holds: confirmed, duplicates: 0 });
  }
  expect(await rowsServed(opened)).toBeLessThanOrEqual(rows);
  const { lookUps } = asked.parse(await tipCounts(opened));
  expect(lookUps).toBeLessThanOrEqual(rows);

  await arrive(opened, ['late.example.com', 'later.example.com']);
  for (const pipeline of opened.pipelines) expect(await sync(opened, pipeline)).toMatchObject({ pending: 0 });
  for (const pipeline of opened.pipelines) {
    expect(await statusOf(opened, pipeline)).toMatchObject({ gaps: [], open: [] });
  }
  expect(await rowsServed(opened)).toBeLessThanOrEqual(rows + 2);
  expect(asked.parse(await tipCounts(opened)).lookUps).toBe(lookUps + 2);
});

test('a TIP that answers 503 throughout holds up nobody, and its pipeline has read what the others have', async () => {
  const opened = await open();
  await opened.control('PUT', '/faults', { wire: [{ api: 'misp', kind: '503' }] });
  const down = opened.pipelines.at(-1) ?? expect.fail();
  const well = opened.pipelines.slice(0, -1);
  const { workflowId } = await triggerSchedule(opened.temporal, down);
  const ends = await Promise.all(well.map((pipeline) => sync(opened, pipeline)));
  const [{ rows, confirmed } = expect.fail()] = ends;
  for (const end of ends) expect(end).toMatchObject({ rows, confirmed, pending: 0 });
  expect(confirmed).toBeGreaterThan(0);

  const { indicators } = await statusOf(opened, well[0] ?? expect.fail());
  await expect.poll(async () => (await statusOf(opened, down)).indicators, SOON).toBe(indicators);
  expect(await statusOf(opened, down)).toMatchObject({ open: [{ state: 'running' }] });
  expect((await statusOf(opened, down)).deliveries['confirmed'] ?? 0).toBe(0);
  expect(await rowsServed(opened)).toBeLessThanOrEqual(rows);

  await arrive(opened, ['late.example.com']);
  for (const pipeline of well) {
    await sync(opened, pipeline);
    expect(await statusOf(opened, pipeline)).toMatchObject({ gaps: [], open: [], indicators: indicators + 1 });
  }
  expect(await rowsServed(opened)).toBeLessThanOrEqual(rows + 1);
  await opened.temporal.client.workflow.getHandle(workflowId).terminate();
});
