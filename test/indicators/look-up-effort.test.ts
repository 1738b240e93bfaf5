import { describe, expect, test } from 'vitest';
import { Fault, type FaultKind } from '../../indicators/fault.ts';
import { afterFailure, givenUpSentence, isAskedAlone, type LookUpEffort } from '../../indicators/look-up-effort.ts';

const NOW = new Date('2026-11-24T08:00:00Z');
const DAY_MS = 24 * 3_600_000;

/** Fails so often, each time when it is due; how each effort followed the one before. */
function failing(times: number, kind: FaultKind, from = 0): readonly (LookUpEffort & { readonly waitMs: number })[] {
  const efforts: (LookUpEffort & { waitMs: number })[] = [];
  for (let time = 0, failures = from, at = NOW; time < times; time += 1) {
    const effort = afterFailure(failures, new Fault(kind, 'It fails.'), at);
    efforts.push({ ...effort, waitMs: effort.tryAt.getTime() - at.getTime() });
    failures = effort.failures;
    at = effort.tryAt;
  }
  return efforts;
}

describe('a host that is not answered for while others are', () => {
  test('is tried five times over minutes, then set aside for a day', () => {
    const efforts = failing(5, 'Unavailable');
    expect(efforts.map(({ givenUp }) => givenUp)).toEqual([null, null, null, null, 'look-up-failed']);
    const waits = efforts.map(({ waitMs }) => waitMs);
    expect(waits.slice(0, 4).reduce((sum, wait) => sum + wait)).toBeGreaterThanOrEqual(2 * 60_000);
    expect(waits[0]).toBeLessThanOrEqual(1_000);
    expect(waits[4]).toBe(DAY_MS);
  });

  test('is asked for by itself after two of them, and on every day that follows', () => {
    expect(failing(5, 'Unavailable').map(({ failures }) => isAskedAlone(failures))).toEqual([
      false,
      true,
      true,
      true,
      true,
    ]);
    expect(isAskedAlone(0)).toBe(false);
  });

  test('has a bounded effort on each day that follows, too', () => {
    const efforts = failing(13, 'Unavailable');
    expect(efforts.flatMap(({ givenUp }, index) => (givenUp === null ? [] : [index + 1]))).toEqual([5, 8, 11]);
    expect(efforts.every(({ failures }) => failures <= 5)).toBe(true);
  });

  test('is given up sooner when its answer cannot be read', () => {
    expect(failing(3, 'Malformed').map(({ givenUp }) => givenUp)).toEqual([null, null, 'unreadable-reputation']);
    expect(failing(1, 'Malformed', 4)[0]).toMatchObject({ givenUp: 'unreadable-reputation', waitMs: DAY_MS });
  });

  test('is said why', () => {
    expect(givenUpSentence('look-up-failed', 'It answered 500.')).toMatch(/5 tries.*others.*It answered 500\.$/);
    expect(givenUpSentence('unreadable-reputation', 'It answered 400.')).toMatch(
      /could not be read\. It answered 400\.$/,
    );
  });
});
