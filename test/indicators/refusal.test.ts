import { describe, expect, test } from 'vitest';
import { isBroughtAgain, type Refusal } from '../../indicators/refusal.ts';

const refused: Refusal = { hash: 'as it was', classification: 'neutral', threat: 'malware' };

describe.each<{ what: string; now: Partial<Refusal>; rise: boolean; change: boolean }>([
  { what: 'nothing has changed', now: {}, rise: false, change: false },
  { what: 'something has changed that says no more', now: { hash: 'another' }, rise: false, change: true },
  { what: 'its classification has risen', now: { classification: 'suspicious' }, rise: true, change: false },
  {
    what: 'its classification has risen, in capitals',
    now: { classification: 'Malicious' },
    rise: true,
    change: false,
  },
  { what: 'its classification has fallen', now: { classification: 'unknown' }, rise: false, change: false },
  { what: 'MDTI has no reputation of it any more', now: { classification: null }, rise: false, change: false },
  { what: 'MDTI says a word that is not known', now: { classification: 'dreadful' }, rise: false, change: false },
  { what: 'its threat says more', now: { threat: 'c2' }, rise: true, change: false },
  { what: 'its threat says less', now: { threat: 'suspicious' }, rise: false, change: false },
])('when $what', ({ now, rise, change }) => {
  test('what was rejected is brought again by the setting', () => {
    const brought = (when: Parameters<typeof isBroughtAgain>[2]): boolean =>
      isBroughtAgain(refused, { ...refused, ...now }, when);
    expect([brought('rise'), brought('change'), brought('never')]).toEqual([rise, change, false]);
  });
});

test('a first classification that says something is a rise', () => {
  const unknown = { ...refused, classification: null };
  expect(isBroughtAgain(unknown, { ...unknown, classification: 'unknown' }, 'rise')).toBe(false);
  expect(isBroughtAgain(unknown, refused, 'rise')).toBe(true);
});
