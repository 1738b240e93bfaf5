import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, test } from 'vitest';
import { withFaultBoundary } from '../../activities/fault-boundary.ts';
import { progressed } from '../../delivery/progress.ts';
import { Fault } from '../../indicators/fault.ts';

/** Runs a step as the second attempt, and gives the heartbeats that reached the engine. */
async function beatsOf(step: () => Promise<void>): Promise<{ beats: readonly unknown[]; failed: unknown }> {
  const environment = new MockActivityEnvironment({ attempt: 2 });
  const beats: unknown[] = [];
  environment.on('heartbeat', (details: unknown) => beats.push(details));
  const failed: unknown = await environment
    .run(withFaultBoundary('a step', step), undefined)
    .then(() => null)
    .catch((error: unknown) => error);
  return { beats, failed };
}

test('a step that is soon done sends no heartbeat: each is billed', async () => {
  const { beats, failed } = await beatsOf(async () => {
    progressed({ known: 20 });
    progressed({ known: 40 });
  });
  expect(failed).toBeNull();
  expect(beats).toEqual([]);
});

test('a step that fails leaves what it got done to the next attempt, which then waits as after a first failure', async () => {
  const { beats, failed } = await beatsOf(async () => {
    progressed({ known: 20 });
    throw new Fault('Unavailable', 'It went away.');
  });
  expect(beats).toEqual([{ known: 20, fruitful: 2, unavailable: 1 }]);
  expect(failed).toMatchObject({ type: 'Unavailable', nextRetryDelay: expect.toSatisfy((ms: number) => ms <= 1_000) });
});

test('a step that got nowhere leaves no heartbeat', async () => {
  const { beats } = await beatsOf(async () => {
    throw new Fault('Throttled', 'Too much.', { retryAfterMs: 5 });
  });
  expect(beats).toEqual([]);
});

test('a step that is throttled comes back soon, however often it was: somebody has to find out that it is over', async () => {
  const environment = new MockActivityEnvironment({ attempt: 12 });
  const throttled = withFaultBoundary('a step', () => Promise.reject(new Fault('Throttled', 'Too much.')));
  await expect(environment.run(throttled, undefined)).rejects.toMatchObject({
    nextRetryDelay: expect.toSatisfy((ms: number) => ms >= 5_000 && ms <= 10_000),
  });
});

test('what is not available is tried again after longer and longer, whatever it has waited for before', async () => {
  const unavailable = withFaultBoundary('a step', () => Promise.reject(new Fault('Unavailable', 'It is away.')));
  let details: unknown;
  const waits: number[] = [];
  for (let attempt = 200; attempt < 212; attempt += 1) {
    const environment = new MockActivityEnvironment({ attempt, heartbeatDetails: details });
    environment.on('heartbeat', (told: unknown) => {
      details = told;
    });
    const failed: unknown = await environment.run(unavailable, undefined).catch((error: unknown) => error);
    waits.push(failed instanceof ApplicationFailure ? Number(failed.nextRetryDelay) : Number.NaN);
  }
  const isBackoff = (ms: number, place: number): boolean => {
    const longest = Math.min(300_000, 1_000 * 2 ** place);
    return ms >= longest / 2 && ms <= longest;
  };
  expect(waits.map(isBackoff)).toEqual(waits.map(() => true));
});
