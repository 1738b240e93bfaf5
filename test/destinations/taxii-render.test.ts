import { expect, test } from 'vitest';
import type { Deliverable, Form, Held } from '../../destinations/destination.ts';
import { stixContentHash } from '../../destinations/taxii/content.ts';
import { plan } from '../../destinations/taxii/plan.ts';
import { objectOf, render } from '../../destinations/taxii/render.ts';
import type { Facts } from '../../indicators/indicator.ts';
import { PRODUCER, SCORED } from '../indicators/stix-arbitraries.ts';
import { deliverable, domains } from './threatstream-indicators.ts';

const WRITING = { producer: PRODUCER, tlpDefault: 'green' } as const;
const item = (facts: Partial<Facts> = {}, held?: Held): Deliverable => ({
  ...deliverable(1, 'domain', 'evil.example', facts),
  ...(held === undefined ? {} : { held }),
});
const holding = (form: Form | null, more: Partial<Held> = {}): Held => ({
  remoteId: typeof form?.['id'] === 'string' ? form['id'] : '',
  form,
  maybes: [],
  awaits: false,
  ...more,
});

test('the same item is the same object, however often it is rendered', () => {
  expect(objectOf(render(item(), WRITING))).toEqual(objectOf(render(item(), WRITING)));
});

test('the hash changes with what is shown, and not with the version', () => {
  const first = render(item(), WRITING);
  expect(render(item({}, holding(first.form)), WRITING).hash).toBe(first.hash);
  const others: readonly Partial<Facts>[] = [
    { confidence: 81 },
    { validUntil: '2027-01-10T08:30:01.0000000Z' },
    { tlp: 'red' },
    { tags: ['other'] },
    { description: 'More.' },
    { threat: 'tor' },
  ];
  const hashes = others.map((facts) => render(item(facts), WRITING).hash);
  hashes.push(render({ ...item(), verdict: SCORED }, WRITING).hash, first.hash);
  expect(new Set(hashes).size).toBe(others.length + 2);
});

test('a version is later than all that may be there, of the same id and beginning', () => {
  const first = render(item(), WRITING).form;
  const second = render(item({ confidence: 1 }, holding(first)), WRITING).form;
  const third = render(item({ confidence: 2, validFrom: null }, holding(first, { maybes: [second] })), WRITING).form;
  expect([second['id'], third['id']]).toEqual([first['id'], first['id']]);
  expect([second['created'], third['created']]).toEqual([first['created'], first['created']]);
  const versions = [first, second, third].map(({ modified }) => String(modified));
  expect(versions).toEqual(versions.toSorted());
  expect(new Set(versions).size).toBe(3);
});

test('what was withdrawn is the next generation; of what may not have been, the earlier id is known', () => {
  const first = render(item(), WRITING).form;
  const again = render(
    item({}, holding(null, { remoteId: String(first['id']), maybes: [first], withdrawn: 'yes' })),
    WRITING,
  );
  expect(again.form).toMatchObject({ generation: 1, earlier: [first['id']] });
  // Whoever knows the id alone, too: another pipeline has delivered it since.
  const bare = holding(null, { remoteId: String(first['id']), withdrawn: 'yes' });
  expect(render(item({}, bare), WRITING).form['id']).toBe(again.form['id']);
  // Nothing is known to be revoked of what a confirmed form had before it.
  expect(render(item({}, holding(again.form)), WRITING).form).toMatchObject({ generation: 1, earlier: [] });
});

test('content is the same with other instants, order of keys and a server’s own properties', () => {
  const object = objectOf(render({ ...item(), verdict: SCORED }, WRITING));
  const hash = stixContentHash({ ...object });
  const shown = Object.fromEntries(Object.entries(object).toReversed());
  const { revoked: _, ...silent } = shown;
  expect(stixContentHash({ ...silent, spec_version: 'indicator', x_added: 1, modified: 'never' })).toBe(hash);
  expect(stixContentHash({ ...shown, valid_from: '2026-11-01T00:00:00.000000Z' })).toBe(hash);
  expect(stixContentHash({ ...shown, valid_from: '2026-11-01T00:00:00.001Z' })).not.toBe(hash);
  expect(stixContentHash({ ...shown, revoked: true })).not.toBe(hash);
});

test('requests hold what is new or what is held, as many as may be, whatever the order', () => {
  const held = domains(3).map((one) => Object.assign(one, { held: holding({}, { remoteId: 'indicator--1' }) }));
  const fresh = domains(8).slice(3);
  const all = [...fresh, ...held].map((one) => render(one, WRITING));
  const ids = (parts: ReturnType<typeof plan>) => parts.map((part) => part.map(({ id }) => id));
  expect(ids(plan(all, 4))).toEqual([[1, 2, 3], [4, 5, 6, 7], [8]]);
  expect(ids(plan(all.toReversed(), 4))).toEqual(ids(plan(all, 4)));
});
