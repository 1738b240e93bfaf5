import { expect, it } from 'vitest';
import type { Deliverable } from '../../destinations/destination.ts';
import { attributeForm } from '../../destinations/misp/attribute-form.ts';
import { misp } from '../../destinations/misp/index.ts';
import { mispIds } from '../../destinations/misp/misp-ids.ts';
import { plan } from '../../destinations/misp/plan.ts';
import { render } from '../../destinations/misp/render.ts';
import type { Verdict } from '../../indicators/reputation.ts';
import { POLICY } from '../indicators/arbitraries.ts';
import { DEPLOYMENT, mispSettings } from './misp-bench.ts';
import { deliverable, domains } from './threatstream-indicators.ts';

const rendering = (events = 64, deployment = DEPLOYMENT) => ({
  ids: mispIds(deployment, mispSettings({ events })),
  settings: mispSettings(),
  tlpDefault: 'amber' as const,
});
const rendered = (item: Deliverable, events?: number) => render(item, rendering(events));
const formOf = (item: Deliverable) => attributeForm.parse(rendered(item).form);
const scored = (score: number, ...rules: string[]): Verdict => ({
  kind: 'scored',
  score,
  classification: 'malicious',
  rules: rules.map((name) => ({ name, description: '', severity: 'high', relatedDetailsUrl: null })),
});
const HOST = deliverable(1, 'domain', 'a.example.com');

it('has uuids of version 5 that are the deployment’s own, and stay', () => {
  const key = { type: 'domain', value: 'a.example.com' } as const;
  const [ours, theirs, more] = [
    mispIds(DEPLOYMENT, mispSettings()),
    mispIds('another', mispSettings()),
    mispIds(DEPLOYMENT, mispSettings({ events: 65 })),
  ];
  expect(ours.attribute(key)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(ours.attribute(key)).toBe(more.attribute(key));
  expect(ours.attribute(key)).not.toBe(theirs.attribute(key));
  expect(ours.event(key)).not.toBe(theirs.event(key));
  // What is too full is left behind.
  expect(ours.event(key)).not.toBe(more.event(key));
});

it('spreads indicators evenly over its events', () => {
  const counts = new Map<string, number>();
  for (const item of domains(6_400)) {
    const { event } = formOf(item);
    counts.set(event, (counts.get(event) ?? 0) + 1);
  }
  expect(counts.size).toBe(64);
  expect(Math.max(...counts.values())).toBeLessThan(160);
});

it.each([
  ['tags', { ...HOST, indicator: { ...HOST.indicator, facts: { ...HOST.indicator.facts, tags: ['other'] } } }],
  ['score', { ...HOST, verdict: scored(88) }],
  ['rules', { ...HOST, verdict: scored(88, 'Rule') }],
  ['marking', deliverable(1, 'domain', 'a.example.com', { tlp: 'red' })],
  ['end', deliverable(1, 'domain', 'a.example.com', { validUntil: null })],
  ['value', deliverable(1, 'domain', 'b.example.com')],
])('has another hash with other %s', (_what, other) => {
  expect(rendered(other).hash).not.toBe(rendered(HOST).hash);
});

it('has the same hash whatever is held, however many events there are, in whatever order MDTI has its rules', () => {
  const { form } = rendered(HOST, 3);
  const held = { remoteId: 'x', form, maybes: [], awaits: false };
  expect(rendered({ ...HOST, held }).hash).toBe(rendered(HOST).hash);
  expect(rendered({ ...HOST, held }).form).toMatchObject({ event: form['event'] });
  expect(rendered(HOST, 9).hash).toBe(rendered(HOST).hash);
  const [one, other] = [scored(88, 'A', 'B'), scored(88, 'B', 'A')];
  expect(rendered({ ...HOST, verdict: one }).hash).toBe(rendered({ ...HOST, verdict: other }).hash);
});

it('marks what has no marking as the settings say', () => {
  expect(formOf(deliverable(1, 'domain', 'a.example.com', { tlp: null })).tlp).toBe('tlp:amber');
  expect(formOf(deliverable(1, 'domain', 'a.example.com', { tlp: 'amber+strict' })).tags).toContain('tlp:amber+strict');
});

it.each([
  [0, '0-49'],
  [50, '50-74'],
  [74, '50-74'],
  [75, '75-89'],
  [90, '90-100'],
])('has a band for a score of %i', (score, band) => {
  expect(formOf({ ...HOST, verdict: scored(score) }).tags).toContain(`mdti:score="${band}"`);
});

it('never ends before it begins, which MISP refuses', () => {
  const facts = { validFrom: '2026-11-02T00:00:00.1234567Z', validUntil: '2026-11-01T00:00:00.0000000Z' };
  const { firstSeen, lastSeen } = formOf(deliverable(1, 'domain', 'a.example.com', facts));
  expect([firstSeen, lastSeen]).toEqual(['2026-11-02T00:00:00.123456Z', '2026-11-02T00:00:00.123456Z']);
});

it('takes a beginning that nothing could follow for none', () => {
  const facts = { validFrom: '9999-12-31T23:59:59.9999999Z', validUntil: '2027-01-01T00:00:00.0000000Z' };
  const { firstSeen, lastSeen } = formOf(deliverable(1, 'domain', 'a.example.com', facts));
  expect([firstSeen, lastSeen]).toEqual([null, '2027-01-01T00:00:00.000000Z']);
});

it('plans requests of one event each, new or held, within the limits, in any order the same', () => {
  const items = domains(400).map((item) => rendered(item, 4));
  const requests = plan(items, 50);
  expect(plan(items.toReversed(), 50)).toEqual(requests);
  expect(requests.flat()).toHaveLength(400);
  for (const request of requests) {
    expect(request.length).toBeLessThanOrEqual(50);
    expect(new Set(request.map(({ batchKey }) => batchKey)).size).toBe(1);
  }
  const held = { remoteId: 'x', form: rendered(HOST).form, maybes: [], awaits: false };
  expect(plan([rendered(HOST), rendered({ ...HOST, id: 2, held })], 50)).toHaveLength(2);
  const long = Array.from({ length: 1_000 }, (_, id) =>
    rendered(deliverable(id, 'url', `https://example.com/${id}/${'ü'.repeat(8_000)}`), 1),
  );
  expect(plan(long, 1_000).length).toBeGreaterThan(3);
});

it('warns of what is seldom meant, and wants a sharing group where one is said', () => {
  const base = { type: 'misp' as const, baseUrl: 'https://misp.example', apiKey: { env: 'KEY' } };
  const warned = (more: object) =>
    misp.section
      .parse({ ...base, ...more })
      .warnings({ ...POLICY, tlpCeiling: 'amber' })
      .map(({ setting }) => setting);
  expect(warned({})).toEqual([]);
  expect(warned({ distribution: 'all', publish: 'afterBatch' })).toEqual(['policy.tlpCeiling', 'destination.publish']);
  expect(misp.section.safeParse({ ...base, distribution: 'sharing-group' }).success).toBe(false);
  expect(misp.section.safeParse({ ...base, sharingGroup: 3 }).success).toBe(false);
  expect(misp.section.safeParse({ ...base, distribution: 'sharing-group', sharingGroup: 3 }).success).toBe(true);
});
