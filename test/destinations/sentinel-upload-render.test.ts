import { describe, expect, test } from 'vitest';
import type { Deliverable, Form, Held, Rendered } from '../../destinations/destination.ts';
import { plan } from '../../destinations/sentinel-upload/plan.ts';
import { dialectOf, render as renderAs } from '../../destinations/sentinel-upload/render.ts';
import { checkObject } from '../../sandbox/sentinel-upload/stix-object.ts';
import { SCORED } from '../indicators/stix-arbitraries.ts';
import { KEYS } from '../judges/written-objects.ts';
import { deliverable, domains, oneOfEach } from './threatstream-indicators.ts';

const DIALECT = dialectOf('the source', 'green', 'mdti-sync');
const render = (item: Deliverable, dialect = DIALECT): Rendered => renderAs(item, dialect);
const item = deliverable(1, 'domain', 'evil.example.com');
const idOf = ({ form }: Rendered): unknown => form['id'];
const versionOf = ({ form }: Rendered): number => Date.parse(String(form['modified']));

function held(forms: { readonly form?: Form; readonly maybes?: readonly Form[] }, more: Partial<Held> = {}): Held {
  return { remoteId: null, form: forms.form ?? null, maybes: forms.maybes ?? [], awaits: false, ...more };
}

describe('an object', () => {
  test('is one that the API takes, for each type and every odd value', () => {
    const odd = KEYS.map(({ type, value }, at) => deliverable(at + 10, type, value, { verdict: SCORED }));
    for (const each of [...oneOfEach(), ...odd]) {
      expect(checkObject(JSON.parse(JSON.stringify(render(each).content))), each.indicator.key.value).toMatchObject({
        ok: true,
      });
    }
  });

  test('says what an analyst needs, and its marking by an id that Sentinel knows', () => {
    const { content } = render(deliverable(1, 'domain', 'evil.example.com', { verdict: SCORED, description: 'Seen.' }));
    expect(content).toMatchObject({
      type: 'indicator',
      name: 'evil.example.com',
      pattern: "[domain-name:value = 'evil.example.com']",
      description: expect.stringContaining('Seen.'),
      labels: expect.arrayContaining(['type:ipv4']),
      valid_from: '2026-11-01T00:00:00.000Z',
      valid_until: '2027-01-10T08:30:00.000Z',
      object_marking_refs: ['marking-definition--f88d31f6-486f-44da-b317-01333bde0b82'],
      revoked: false,
    });
  });

  test('has an id of the deployment, and another one elsewhere', () => {
    expect(idOf(render(item))).toBe(idOf(render({ ...item, id: 2 })));
    expect(idOf(render(item))).not.toBe(idOf(render(item, dialectOf('another', 'green', 'mdti-sync'))));
  });

  test('is the same each time that it is put into this form', () => {
    expect(render(item)).toEqual(render(item));
  });
});

describe('the hash', () => {
  test.each([
    ['the score', { confidence: 81 }],
    ['the end', { validUntil: '2027-02-10T08:30:00.0000000Z' }],
    ['the marking', { tlp: 'red' }],
    ['the tags', { tags: ['other'] }],
    ['the description', { description: 'Other.' }],
    ['the threat', { threat: 'tor' }],
  ] as const)('changes with %s', (_, facts) => {
    expect(render(deliverable(1, 'domain', 'evil.example.com', facts)).hash).not.toBe(render(item).hash);
  });

  test('changes with the source system, and not with what is held', () => {
    const { hash, form } = render(item);
    expect(render(item, dialectOf('the source', 'green', 'other')).hash).not.toBe(hash);
    expect(render({ ...item, held: held({ form }, { withdrawn: 'yes' }) }).hash).toBe(hash);
    expect(render(item, dialectOf('another', 'green', 'mdti-sync')).hash).toBe(hash);
  });
});

describe('a version', () => {
  const first = render(item).form;
  const changed = deliverable(1, 'domain', 'evil.example.com', { confidence: 10 });

  test('is later than all that may be there, under the same id and with the same beginning', () => {
    const second = render({ ...changed, held: held({ form: first }) });
    const third = render({ ...item, held: held({ form: first, maybes: [second.form] }) });
    expect([idOf(second), idOf(third)]).toEqual([first['id'], first['id']]);
    expect(versionOf(second)).toBeGreaterThan(Date.parse(String(first['modified'])));
    expect(versionOf(third)).toBeGreaterThan(versionOf(second));
    expect(third.content).toMatchObject({ created: first['created'] });
  });

  test('is later than the one that was seen there', () => {
    const remoteId = `${String(first['id'])} 0 2026-11-20T00:00:00.000Z`;
    const next = render({ ...changed, held: held({ form: first }, { remoteId }) });
    expect(versionOf(next)).toBeGreaterThan(Date.parse('2026-11-20T00:00:00.000Z'));
    const withoutForm = render({ ...changed, held: held({}, { remoteId }) });
    expect([idOf(withoutForm), versionOf(withoutForm) > Date.parse('2026-11-20T00:00:00.000Z')]).toEqual([
      first['id'],
      true,
    ]);
  });

  test('of other content is another one, even where the one before it was forgotten', () => {
    expect(versionOf(render(changed))).not.toBe(versionOf(render(item)));
    const heldBefore = held({ form: first });
    expect(versionOf(render({ ...changed, held: heldBefore }))).not.toBe(
      versionOf(render({ ...item, held: heldBefore })),
    );
  });
});

describe('what comes back', () => {
  const first = render(item).form;

  test('has a new id once it was revoked, and another one each time', () => {
    const second = render({ ...item, held: held({ maybes: [first] }, { withdrawn: 'yes' }) });
    expect(second.form).toMatchObject({ generation: 1, replaces: [] });
    const third = render({ ...item, held: held({ maybes: [second.form, first] }, { withdrawn: 'yes' }) });
    expect(third.form).toMatchObject({ generation: 2, replaces: [] });
    expect(new Set([first['id'], idOf(second), idOf(third)]).size).toBe(3);
  });

  test('has the old object revoked beside it where nobody knows whether that was done', () => {
    const second = render({ ...item, held: held({ maybes: [first] }, { withdrawn: 'maybe' }) });
    expect(second.form).toMatchObject({ generation: 1, replaces: [{ id: first['id'], generation: 0 }] });
    // Still so when it may be there itself, and no longer once it was confirmed.
    const again = render({ ...item, held: held({ maybes: [second.form, first] }) });
    expect(again.form).toMatchObject({ id: idOf(second), replaces: [{ id: first['id'] }] });
    expect(render({ ...item, held: held({ form: second.form, maybes: [first] }) }).form).toMatchObject({
      id: idOf(second),
      replaces: [],
    });
  });
});

describe('requests', () => {
  test('have so many objects at most, what is revoked beside them counted, and new and held apart', () => {
    const all = domains(230).map((each) => render(each));
    const heldOnes = domains(30).map((each) =>
      render({ ...each, held: held({}, { remoteId: 'indicator--1 0 2026-11-20T00:00:00.000Z' }) }),
    );
    const requests = plan([...heldOnes, ...all.slice(30)], 100);
    expect(requests.map(({ length }) => length)).toEqual([100, 100, 30]);
    expect(requests.every((part) => new Set(part.map(({ batchKey }) => batchKey)).size === 1)).toBe(true);
    const [one] = all;
    const replacing = domains(60).map((each) =>
      render({ ...each, held: held({ maybes: [one?.form ?? {}] }, { withdrawn: 'maybe' }) }),
    );
    expect(plan(replacing, 100).map(({ length }) => length)).toEqual([50, 10]);
    expect(plan(all.toReversed(), 100)).toEqual(plan(all, 100));
  });
});
