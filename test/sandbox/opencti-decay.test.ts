import { afterEach, describe, expect, it } from 'vitest';
import { type Clock, indicator, NOW, nodes, pushed, start } from './opencti-caller.ts';
import type { TipServer } from './tip-server.ts';

const DAY = 86_400_000;
const VALUE = '198.51.100.3';
const RULE = { lifetimeDays: 100, pound: 1, points: [30], revokeScore: 20 };

const open: TipServer[] = [];

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function decaying(rule: Readonly<Record<string, unknown>> = {}, clock: Clock = { now: NOW }): Promise<TipServer> {
  const one = await start({ decay: { ...RULE, ...rule } }, clock);
  open.push(one);
  return one;
}

function daysAfterBeginning(days: number): Date {
  return new Date(Date.parse('2026-11-20T00:00:00.000Z') + Math.round(days * DAY));
}

describe('an indicator under a decay rule', () => {
  it('ends when its score will have fallen, whatever end it was sent with', async () => {
    const tip = await decaying();
    await pushed(tip, indicator(VALUE));
    // (1 - 20/80)^3 of a hundred days.
    const until = daysAfterBeginning(42.1875).toISOString();
    expect(await nodes(tip)).toMatchObject([{ valid_until: until, x_opencti_score: 80, decay_base_score: 80 }]);
  });

  it('falls from point to point, and is revoked with the last', async () => {
    const clock: Clock = { now: NOW };
    const tip = await decaying({}, clock);
    await pushed(tip, indicator(VALUE));
    // (1 - 30/80)^3 of a hundred days.
    clock.now = daysAfterBeginning(24.4);
    expect(await nodes(tip)).toMatchObject([{ x_opencti_score: 80 }]);
    clock.now = daysAfterBeginning(24.5);
    expect(await nodes(tip)).toMatchObject([{ x_opencti_score: 30, revoked: false, decay_base_score: 80 }]);
    clock.now = daysAfterBeginning(43);
    expect(await nodes(tip)).toMatchObject([{ x_opencti_score: 20, revoked: true }]);
    expect(tip.tip.items()).toMatchObject([{ state: 'gone' }]);
  });

  it('is over from the start where it began too long ago', async () => {
    const tip = await decaying();
    await pushed(tip, indicator(VALUE, { valid_from: '2026-01-01T00:00:00.000Z' }));
    expect(tip.tip.items()).toMatchObject([{ state: 'gone' }]);
  });

  it('gets no score again that the same user has once set', async () => {
    const clock: Clock = { now: NOW };
    const tip = await decaying({}, clock);
    await pushed(tip, indicator(VALUE));
    clock.now = daysAfterBeginning(25);
    await pushed(tip, indicator(VALUE, { name: 'renamed' }));
    expect(await nodes(tip)).toMatchObject([{ x_opencti_score: 30, name: 'renamed' }]);
    await pushed(tip, indicator(VALUE, { score: 90 }));
    expect(await nodes(tip)).toMatchObject([{ x_opencti_score: 90, decay_base_score: 90 }]);
  });

  it.each([
    ['source', 80, false],
    ['source', 0, true],
    ['source', 79, true],
    ['base-score', 80, true],
  ])('passing over by %s is withdrawn with a score of %i: %s', async (passesOver, score, isGone) => {
    const tip = await decaying({ passesOver });
    await pushed(tip, indicator(VALUE));
    await pushed(tip, indicator(VALUE, { score, valid_until: NOW.toISOString(), revoked: true }));
    expect(await nodes(tip)).toMatchObject([{ revoked: isGone, x_opencti_score: isGone ? score : 80 }]);
    expect(tip.tip.items()).toMatchObject([{ state: isGone ? 'gone' : 'held' }]);
  });

  it('takes a score of 0 as often as it comes', async () => {
    const tip = await decaying();
    await pushed(tip, indicator(VALUE, { score: 0 }));
    await pushed(tip, indicator(VALUE, { score: 0, valid_until: NOW.toISOString() }));
    expect(await nodes(tip)).toMatchObject([{ valid_until: NOW.toISOString(), revoked: true }]);
  });

  it.each([
    ['source', 80, false],
    ['source', 81, true],
    ['base-score', 80, false],
    ['base-score', 81, true],
  ])('passing over by %s comes back with a score of %i: %s', async (passesOver, score, comesBack) => {
    const tip = await decaying({ passesOver });
    await pushed(tip, indicator(VALUE));
    await pushed(tip, indicator(VALUE, { score: 0, valid_until: NOW.toISOString() }));
    await pushed(tip, indicator(VALUE, { score }));
    expect(await nodes(tip)).toMatchObject([{ revoked: !comesBack }]);
  });
});
