import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { confirm } from '../../activities/confirm.ts';
import { deliver } from '../../activities/deliver.ts';
import type { Parts } from '../../activities/parts.ts';
import type { Confirmation } from '../../destinations/destination.ts';
import { Fault } from '../../indicators/fault.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { partsWith } from '../activities/parts.ts';
import { decideWindow, readWindow } from '../ledger/decided-window.ts';
import { observation } from '../ledger/observation.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ ledger, close } = await openTestLedger());
});
afterAll(() => close());

const MINUTE = 60_000;
const SILENT = new DefaultLogger('ERROR', () => undefined);

let pipelines = 0;
/**
 * A batch whose indicators have left, each in a request of its own, for a destination that has finished with them one by one: each after
 * so many milliseconds. Time passes only where it is slept.
 */
async function sent(doneAfterMs: readonly number[], given: Partial<Parts> = {}) {
  pipelines += 1;
  const name = `waiting${pipelines}`;
  const begun = new Date('2026-11-24T12:00:00Z').getTime();
  const clock = { at: begun };
  const slept: number[] = [];
  const asked: number[] = [];
  const askedAbout: number[] = [];
  let rendered = 0;
  const answer = async (ids: readonly number[], place: number): Promise<Confirmation> => {
    asked.push(clock.at - begun);
    askedAbout.push(place);
    if (clock.at - begun < (doneAfterMs[place] ?? 0)) return { kind: 'waiting', retryAfterMs: 2_000 };
    return { kind: 'settled', accepted: ids, rejected: [], unknown: [], note: '' };
  };
  const unused = partsWith(ledger, { name });
  const parts = partsWith(
    ledger,
    {
      name,
      destination: {
        ...unused.pipeline(name).destination,
        describe: 'a destination',
        render({ id, indicator }) {
          rendered += 1;
          return { id, key: indicator.key, hash: 'h', batchKey: 'g', value: indicator.key.value, form: {} };
        },
        plan: (items) => items.map((item) => [item]),
        async bring({ items }, _, leaving) {
          await leaving?.();
          return { place: Number.parseInt(items[0]?.value ?? '', 10) };
        },
        confirm: ({ items }, { place }) =>
          answer(
            items.map(({ id }) => id),
            Number(place),
          ),
      },
    },
    {
      now: () => new Date(clock.at),
      waitInsideMs: 3 * MINUTE,
      async sleep(ms) {
        slept.push(ms);
        clock.at += ms;
      },
      ...given,
    },
  );
  const windowId = await readWindow(
    ledger,
    name,
    doneAfterMs.map((_, place) => observation(`${place}.example.com`)),
  );
  await decideWindow(ledger, windowId);
  const input = { pipeline: name, windowId, batch: 1 };
  await new MockActivityEnvironment({}, { logger: SILENT }).run(() => deliver(parts, input));
  return {
    slept,
    /** When the destination was asked, in milliseconds since the beginning. */
    asked: () => [...new Set(asked)],
    /** Which of its requests it was asked about, one after the other. */
    askedAbout,
    rendered: () => rendered,
    pass(ms: number): void {
      clock.at += ms;
    },
    attempt: (
      attempt = 1,
      environment = new MockActivityEnvironment({ attempt }, { logger: SILENT }),
      other: Partial<Parts> = {},
    ) => environment.run(() => confirm({ ...parts, ...other }, input)).catch((error: unknown) => error),
  };
}

test('one attempt asks again and again, with growing pauses, until the destination has finished', async () => {
  const { attempt, slept } = await sent([20_000]);
  expect(await attempt()).toMatchObject({ confirmed: 1, pending: 0 });
  expect(slept).toEqual([2_000, 3_000, 4_500, 6_750, 10_125]);
});

test('when some of its requests have ended, it asks for the others soon again', async () => {
  const { attempt, slept } = await sent([9_000, 17_000]);
  expect(await attempt()).toMatchObject({ confirmed: 2, pending: 0 });
  expect(slept).toEqual([2_000, 3_000, 4_500, 2_000, 3_000, 4_500]);
});

test('what takes longer is given back, to be asked for more rarely, and says for what it waits', async () => {
  const { attempt, slept, asked } = await sent([0, 10 * MINUTE, 10 * MINUTE]);
  const first = await attempt();
  expect(first).toBeInstanceOf(Fault);
  expect(first).toMatchObject({
    kind: 'Throttled',
    message: 'Waiting for a destination: 2 requests are not finished yet.',
    isOurs: true,
  });
  expect(slept.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(3 * MINUTE);
  expect(asked().length).toBeGreaterThan(5);
  slept.length = 0;
  expect(await attempt(2)).toMatchObject({ kind: 'Throttled', retryAfterMs: MINUTE });
  expect(slept).toEqual([MINUTE, MINUTE, MINUTE]);
});

test('an attempt puts what it asks about again and again into the destination’s form once', async () => {
  const { attempt, rendered, asked } = await sent([20_000, 30_000]);
  const before = rendered();
  expect(await attempt()).toMatchObject({ confirmed: 2 });
  expect(asked().length).toBeGreaterThan(5);
  expect(rendered()).toBe(before + 2);
});

test('an attempt asks no more about what another one has settled meanwhile', async () => {
  let other: (() => Promise<unknown>) | undefined;
  const one = await sent([1_000, 30_000, 40_000], {
    async sleep() {
      const settle = other;
      other = undefined;
      await settle?.();
    },
  });
  other = async () => {
    one.pass(1_000);
    await one.attempt(2, undefined, { waitInsideMs: 0 });
    one.askedAbout.length = 0;
    one.pass(60_000);
  };
  expect(await one.attempt()).toMatchObject({ confirmed: 3, pending: 0 });
  expect(one.askedAbout).toEqual([1, 2]);
});

test('one request that is not finished is said as one', async () => {
  const { attempt } = await sent([10 * MINUTE]);
  expect(await attempt()).toMatchObject({ message: 'Waiting for a destination: 1 request is not finished yet.' });
});

/** Sleeps until it is woken. */
function untilAborted(onSleep: () => void) {
  return (_: number, signal: AbortSignal): Promise<never> =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new DOMException('Woken.', 'AbortError')), { once: true });
      onSleep();
    });
}

test('a worker that is told to end gives back at once what waits', async () => {
  const ending = new AbortController();
  const { attempt } = await sent([MINUTE], { stopping: ending.signal, sleep: untilAborted(() => ending.abort()) });
  expect(await attempt()).toMatchObject({ kind: 'Throttled', retryAfterMs: 2_000, isOurs: true });
});

test('a wait that is cancelled ends as cancelled', async () => {
  const environment = new MockActivityEnvironment({}, { logger: SILENT });
  const { attempt } = await sent([MINUTE], {
    stopping: new AbortController().signal,
    sleep: untilAborted(() => environment.cancel()),
  });
  expect(await attempt(1, environment)).toMatchObject({ name: 'AbortError' });
});
