import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { expect, test } from 'vitest';
import { withFaultBoundary } from '../../activities/fault-boundary.ts';
import { progressed } from '../../delivery/progress.ts';
import { Fault } from '../../indicators/fault.ts';

const SILENT = new DefaultLogger('ERROR', () => undefined);

const unforeseen = (): never => {
  throw new RangeError('Invalid time value of a.example.com');
};
const unavailable = (): never => {
  throw new Fault('Unavailable', 'It went away.');
};
const fruitful = (): never => {
  progressed({ sent: 1 });
  return unforeseen();
};

interface Tried {
  readonly failure: ApplicationFailure;
  /** What `beforeRetry` was called with. */
  readonly delay: number | null;
}

/** One attempt of the engine after the other, each with what the one before has left with its heartbeats. */
async function attempts(steps: readonly (() => never)[]): Promise<readonly Tried[]> {
  let heartbeatDetails: unknown;
  const tried: Tried[] = [];
  for (const [index, step] of steps.entries()) {
    const environment = new MockActivityEnvironment({ attempt: index + 1, heartbeatDetails }, { logger: SILENT });
    environment.on('heartbeat', (details: unknown) => {
      heartbeatDetails = details;
    });
    let delay: number | null = null;
    const bounded = withFaultBoundary<void, void>('a step', async () => step(), {
      longestRetryAfterMs: 3_600_000,
      beforeRetry: async (_, delayMs) => {
        delay = delayMs;
      },
    });
    const failure: unknown = await environment.run(bounded, undefined).catch((error: unknown) => error);
    if (!(failure instanceof ApplicationFailure)) throw new Error('It is to fail with a failure.');
    tried.push({ failure, delay });
  }
  return tried;
}

test('what nobody foresaw is tried a few times, and then comes back with a sentence that quotes nothing', async () => {
  const tried = await attempts([unforeseen, unforeseen, unforeseen, unforeseen, unforeseen]);
  expect(tried.map(({ failure }) => failure.nonRetryable)).toEqual([false, false, false, false, true]);
  expect(tried.map(({ delay }) => delay !== null)).toEqual([true, true, true, true, false]);
  expect(tried.at(-1)?.failure).toMatchObject({
    type: 'Unexpected',
    message: "a step failed unexpectedly (RangeError), 5 times running. The worker's log has the details.",
  });
});

test('what is away for long does not count, and does not start the count again', async () => {
  const away = Array.from({ length: 20 }, () => unavailable);
  const tried = await attempts([...away, unforeseen, unforeseen, ...away, unforeseen, unforeseen, unforeseen]);
  expect(tried.filter(({ failure }) => failure.nonRetryable)).toHaveLength(1);
  expect(tried.at(-1)?.failure.nonRetryable).toBe(true);
});

test('an attempt that got somewhere starts the count again', async () => {
  const four = [unforeseen, unforeseen, unforeseen, unforeseen];
  const tried = await attempts([...four, fruitful, unforeseen, unforeseen, unforeseen, unforeseen]);
  expect(tried.map(({ failure }) => failure.nonRetryable)).toEqual([...Array(8).fill(false), true]);
});

test('before it is tried again, it is said when', async () => {
  const [tried] = await attempts([
    () => {
      throw new Fault('Throttled', 'Too much.', { retryAfterMs: 50_000 });
    },
  ]);
  expect(tried?.delay).toBe(50_000);
  const [refused] = await attempts([
    () => {
      throw new Fault('Refused', 'A wrong key.');
    },
  ]);
  expect(refused).toMatchObject({ delay: null, failure: { nonRetryable: true } });
});

test.each([
  // The budget holds it back, and a person may lift that.
  ['Throttled', {}, 60_000],
  ['Throttled', { isUnpaced: true }, 3_600_000],
  ['Unavailable', {}, 3_600_000],
  // Nobody asked for it but the settings.
  ['Throttled', { isOurs: true }, 86_400_000],
] as const)('%s for a day (%j) is tried again after %i ms', async (kind, options, expected) => {
  const [tried] = await attempts([
    () => {
      throw new Fault(kind, 'In a day.', { retryAfterMs: 86_400_000, ...options });
    },
  ]);
  expect(tried?.delay).toBe(expected);
});
