import { describe, expect, test } from 'vitest';
import type { Form, Held } from '../../destinations/destination.ts';
import { readForm } from '../../destinations/opencti/opencti-form.ts';
import { type OpenCtiSettings } from '../../destinations/opencti/opencti-settings.ts';
import { render as renderWith } from '../../destinations/opencti/render.ts';
import { FOR_OPENCTI } from '../indicators/stix-arbitraries.ts';
import { OPENCTI_DEFAULTS } from './opencti-bench.ts';
import { deliverable } from './threatstream-indicators.ts';

function render(item: Parameters<typeof renderWith>[0], settings: Partial<OpenCtiSettings> = {}) {
  return renderWith(item, { ...OPENCTI_DEFAULTS, ...settings }, FOR_OPENCTI);
}

const item = deliverable(1, 'ipv4', '198.51.100.3');

function heldAs(form: Form | null, more: Partial<Held> = {}): Held {
  return { remoteId: 'indicator--1', form, maybes: [], awaits: false, ...more };
}

describe('the hash', () => {
  test.each([
    ['score', { confidence: 81 }],
    ['TLP', { tlp: 'red' }],
    ['end', { validUntil: null }],
    ['labels', { tags: [] }],
    ['description', { description: 'Other' }],
    ['threat', { threat: 'tor' }],
  ] as const)('changes with the %s', (_, facts) => {
    expect(render(deliverable(1, 'ipv4', '198.51.100.3', facts)).hash).not.toBe(render(item).hash);
  });

  test('does not change with what is held, nor with its version, nor with the name of its author', () => {
    const { form, hash } = render(item);
    const [withdrawn, held] = [heldAs(null, { maybes: [form], withdrawn: 'yes' }), heldAs(form)];
    expect(render({ ...item, held }).hash).toBe(hash);
    expect(render({ ...item, held: withdrawn }).hash).toBe(hash);
    expect(render(item, { author: 'Other' }).hash).toBe(hash);
  });

  test('changes with the beginning only where that is the source’s', () => {
    const later = deliverable(1, 'ipv4', '198.51.100.3', { validFrom: '2026-11-02T00:00:00.0000000Z' });
    expect(render(later).hash).toBe(render(item).hash);
    expect(render(later, { validFrom: 'source' }).hash).not.toBe(render(item, { validFrom: 'source' }).hash);
  });
});

test('a version is always later than all that may be there, and created when the first one was', () => {
  const { form } = render(item);
  const maybe = render({ ...item, held: heldAs(form) }).form;
  const held = heldAs(form, { maybes: [maybe] });
  const next = deliverable(1, 'ipv4', '198.51.100.3', { validFrom: '2026-12-01T00:00:00Z' });
  const { form: last, content } = render({ ...next, held });
  const [a = '', b = '', c = ''] = [form, maybe, last].map((one) => readForm(one)?.modified ?? '');
  expect([a < b, b < c]).toEqual([true, true]);
  expect(new Set([a, b, c]).size).toBe(3);
  expect(content).toMatchObject({ created: '2026-11-01T00:00:00.000Z', modified: c });
  expect(render({ ...next, held })).toEqual(render({ ...next, held }));
});

test('what is kept of it is small, whatever it says', () => {
  const { form } = render(
    deliverable(1, 'url', `http://a.example/${'x'.repeat(8_000)}`, { description: 'y'.repeat(8_000) }),
  );
  expect(JSON.stringify(form).length).toBeLessThan(500);
});

describe('the score that is sent', () => {
  const scoreOf = (confidence: number, held?: Held, settings: Partial<OpenCtiSettings> = {}) => {
    const rendered = render(
      { ...deliverable(1, 'ipv4', '198.51.100.3', { confidence }), ...(held === undefined ? {} : { held }) },
      settings,
    );
    return readForm(rendered.form)?.score;
  };
  const formWith = (confidence: number, held?: Held) =>
    render({ ...deliverable(1, 'ipv4', '198.51.100.3', { confidence }), ...(held === undefined ? {} : { held }) }).form;

  test('is the one that is meant, as long as it was never sent or is the last that was', () => {
    expect(scoreOf(80)).toBe(80);
    expect(scoreOf(90, heldAs(formWith(80)))).toBe(90);
    expect(scoreOf(80, heldAs(formWith(80)))).toBe(80);
  });

  test('is the same for the same again, when nobody knows whether that was taken in', () => {
    const first = formWith(80);
    const back = formWith(80, heldAs(null, { maybes: [first], withdrawn: 'yes' }));
    expect(readForm(back)?.score).toBe(79);
    expect(scoreOf(80, heldAs(null, { maybes: [first, back] }))).toBe(79);
  });

  test('is the nearest that was never sent, when it may have been withdrawn or something else may be there', () => {
    const first = formWith(80);
    expect(scoreOf(80, heldAs(null, { maybes: [first], withdrawn: 'maybe' }))).toBe(79);
    const other = formWith(90, heldAs(first));
    expect(scoreOf(80, heldAs(first, { maybes: [other] }))).toBe(79);
    expect(scoreOf(80, heldAs(first, { maybes: [other] }), { decayRules: false })).toBe(80);
  });

  test('stays from 1 to 100', () => {
    const [lowest, highest] = [formWith(1), formWith(100)];
    expect(scoreOf(1, heldAs(null, { maybes: [lowest], withdrawn: 'yes' }))).toBe(2);
    expect(scoreOf(100, heldAs(null, { maybes: [highest], withdrawn: 'yes' }))).toBe(99);
    const used = { ...highest, scores: Array.from({ length: 100 }, (_, index) => index + 1) };
    expect(scoreOf(100, heldAs(null, { maybes: [used], withdrawn: 'yes' }))).toBe(100);
  });
});
