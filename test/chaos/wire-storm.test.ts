import { expect, test } from 'vitest';
import { Draw } from '../../chaos/draw.ts';
import { isSentence } from '../../chaos/sentences.ts';
import { wireStorm } from '../../chaos/wire-storm.ts';
import { SPOILT_ANSWERS, WIRE_APIS, wireFault, wireFaultKind } from '../../sandbox/wire-faults/wire-fault.ts';

const storm = (seed: number) => WIRE_APIS.flatMap((api) => wireStorm(new Draw(seed, 'story').fork(api), api));

test('the same seed and name draw the same, others draw otherwise', () => {
  expect(storm(7)).toEqual(storm(7));
  expect(storm(7)).not.toEqual(storm(8));
  expect(new Draw(7, 'one').below(1e6)).not.toBe(new Draw(7, 'other').below(1e6));
});

test('one part of a story draws the same, however much another draws', () => {
  const whole = new Draw(7, 'story');
  const before = whole.fork('round 2').below(1e6);
  whole.below(10);
  expect(whole.fork('round 2').below(1e6)).toBe(before);
});

test('storms reach every kind of fault on every API, before, after and early, and can be set', () => {
  const faults = Array.from({ length: 600 }, (_, seed) => storm(seed)).flat();
  for (const fault of faults) wireFault.parse(fault);
  for (const api of WIRE_APIS) {
    const kinds = wireFaultKind.options.filter((kind) => kind !== 'partial' || api === 'logs');
    const drawn = new Set(faults.filter((fault) => fault.api === api).map(({ kind }) => kind));
    expect(kinds.filter((kind) => !drawn.has(kind))).toEqual([]);
  }
  const openEnded = wireFaultKind.options.filter(
    (kind) => !kind.startsWith('4') && !SPOILT_ANSWERS.some((spoilt) => spoilt === kind),
  );
  for (const kind of openEnded) {
    const moments = new Set(faults.filter((fault) => fault.kind === kind).map(({ moment }) => moment));
    expect(moments).toEqual(new Set(['before', 'after', 'early']));
  }
});

test('what says that a request was not taken in says the truth', () => {
  const faults = Array.from({ length: 100 }, (_, seed) => storm(seed)).flat();
  const refusing = faults.filter(({ kind }) => kind.startsWith('4'));
  expect(refusing.length).toBeGreaterThan(100);
  expect(refusing.filter(({ moment }) => moment !== 'before')).toEqual([]);
});

test.each([
  ['MDTI refused to look up hosts (403): grant the permission, then resume.', true],
  ['', false],
  [null, false],
  ['undefined', false],
  ['Error', false],
])('%s: is it a sentence? %s', (text, is) => {
  expect(isSentence(text)).toBe(is);
});
