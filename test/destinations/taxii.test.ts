import { describe, expect, test } from 'vitest';
import type { Deliverable, Held } from '../../destinations/destination.ts';
import { stixNamespace } from '../../indicators/stix-ids.ts';
import { producerId } from '../../indicators/stix-producer.ts';
import {
  DEPLOYMENT,
  deliver,
  rendered,
  SERVERS,
  SIGNAL,
  settled,
  shipmentOf,
  startTaxii,
  withdrawnOf,
} from './taxii-bench.ts';
import { deliverable, oneOfEach } from './threatstream-indicators.ts';

const ODD = [
  deliverable(11, 'domain', 'bücher.example'),
  deliverable(12, 'url', `http://evil.example/a?b=%2F&c=it's,"d"\\e#é😀`),
  deliverable(13, 'url', `http://long.example/${'x'.repeat(8_171)}`),
  deliverable(14, 'email', "o'neil@evil.example", { description: '=1+1, "quoted"\n50% é😀', tags: ['a, b', '%'] }),
];

const idsOf = (items: readonly Deliverable[]) => items.map(({ id }) => id);
const withdrawable = (items: readonly Deliverable[], held: ReadonlyMap<number, Held>) =>
  items.map(({ id, indicator: { key } }) => ({ id, key, held: held.get(id) ?? null }));
const standing = (items: readonly { value: string; state: string }[], value: string) =>
  items.filter((item) => item.value === value).map(({ state }) => state);

describe.each(SERVERS)('a server like %s', (duplicates) => {
  test('holds what was brought, odd values too, and the same again is not sent', async () => {
    const bench = await startTaxii({ duplicates });
    const items = [...oneOfEach(), ...ODD];
    const first = await deliver(bench, items);
    expect(first).toMatchObject({ accepted: idsOf(items), rejected: [], unknown: [] });
    expect(bench.tip.counts()).toMatchObject({ holds: items.length, duplicates: 0 });
    const values = items.map(({ indicator }) => indicator.key.value);
    expect(
      bench.tip
        .items()
        .map(({ value }) => value)
        .toSorted(),
    ).toEqual(values.toSorted());
    const sent = bench.added().length;
    expect(await deliver(bench, items)).toMatchObject({ accepted: idsOf(items) });
    expect(bench.added()).toHaveLength(sent);
    expect(bench.tip.counts()).toMatchObject({ duplicates: 0, updates: 0 });
  });

  test('gets identity and markings in requests of their own, once, and what it does not take is noted', async () => {
    const bench = await startTaxii({ duplicates });
    const { note } = await deliver(bench, oneOfEach());
    await deliver(bench, [deliverable(20, 'domain', 'later.example')]);
    const types = bench.added().map((objects) => Array.from(new Set(objects.map(({ type }) => type))));
    expect(types).toEqual([['identity'], ['marking-definition'], ['indicator'], ['indicator']]);
    expect(note).toBe(
      duplicates === 'medallion'
        ? ''
        : 'the server does not take the TLP markings that they refer to (it answered 500)',
    );
    const [, markings = [], indicators = []] = bench.added();
    expect(markings).toHaveLength(5);
    const refs = indicators.flatMap((each) => each['object_marking_refs']);
    expect(markings.map(({ id }) => id)).toEqual(expect.arrayContaining(refs));
    expect(new Set(indicators.map((each) => each['created_by_ref']))).toEqual(
      new Set(bench.added()[0]?.map(({ id }) => id)),
    );
    // Another process finds them there.
    const another = bench.again();
    const shipment = shipmentOf(rendered(another, [deliverable(21, 'domain', 'another.example')]));
    await settled(bench, another, shipment, await another.bring(shipment, SIGNAL));
    expect(
      bench
        .added()
        .slice(4)
        .flat()
        .filter(({ type }) => type === 'identity'),
    ).toEqual([]);
  });

  test('has a new version of the identity under another name', async () => {
    const bench = await startTaxii({ duplicates });
    await deliver(bench, oneOfEach());
    const renamed = bench.again({ createdBy: 'The SOC' });
    await renamed.bring(shipmentOf(rendered(renamed, oneOfEach())), SIGNAL);
    const identities = bench
      .added()
      .flat()
      .filter(({ type }) => type === 'identity');
    expect(identities.map(({ name }) => name)).toEqual(['mdti-sync', 'The SOC']);
    expect(new Set(identities.map(({ id }) => id)).size).toBe(1);
    expect(String(identities[1]?.['modified']) > String(identities[0]?.['modified'])).toBe(true);
  });

  test('has each change as one version more, with three decimals and a larger instant', async () => {
    const bench = await startTaxii({ duplicates, instants: 'microseconds' });
    const { held } = await deliver(bench, oneOfEach());
    const changed = oneOfEach().map(({ id, indicator: { key, facts } }) =>
      deliverable(id, key.type, key.value, { ...facts, confidence: 95 }),
    );
    expect(await deliver(bench, changed, held)).toMatchObject({ accepted: idsOf(changed), unknown: [] });
    expect(bench.tip.counts()).toMatchObject({ holds: 8, updates: 8, duplicates: 0, withdrawn: 0 });
    const [before = [], after = []] = bench
      .added()
      .filter((objects) => objects.some(({ type }) => type === 'indicator'));
    for (const [place, { modified, created, id }] of after.entries()) {
      expect(modified).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      expect(before[place]).toMatchObject({ id, created });
      expect(String(modified) > String(before[place]?.['modified'])).toBe(true);
    }
  });

  test('has what was withdrawn as revoked and ended; asked again nothing is sent; it comes back under another id', async () => {
    const bench = await startTaxii({ duplicates });
    const [one, ...others] = oneOfEach();
    if (one === undefined) expect.fail();
    const { held } = await deliver(bench, [one, ...others]);
    expect(await bench.taxii.withdraw(withdrawable([one], held), SIGNAL)).toEqual({
      withdrawn: [one.id],
      missing: [],
      unknown: [],
    });
    expect(bench.tip.counts()).toMatchObject({ holds: 7, withdrawn: 1 });
    const [revocation] = bench.added().at(-1) ?? [];
    expect(revocation).toMatchObject({
      revoked: true,
      spec_version: '2.1',
      pattern: "[ipv4-addr:value = '198.51.100.1']",
    });
    expect(String(revocation?.['valid_until']) > String(revocation?.['valid_from'])).toBe(true);
    const sent = bench.added().length;
    expect((await bench.again().withdraw(withdrawable([one], held), SIGNAL)).withdrawn).toEqual([one.id]);
    expect(bench.added()).toHaveLength(sent);

    expect(await deliver(bench, [one], withdrawnOf(held))).toMatchObject({ accepted: [one.id] });
    expect(bench.tip.counts()).toMatchObject({ holds: 8, duplicates: 0 });
    expect(standing(bench.tip.items(), '198.51.100.1').toSorted()).toEqual(['gone', 'held']);
  });

  test('never has two that are current of what may not have been withdrawn', async () => {
    const bench = await startTaxii({ duplicates });
    const [one] = oneOfEach();
    if (one === undefined) expect.fail();
    const { held } = await deliver(bench, [one]);
    expect(await deliver(bench, [one], withdrawnOf(held, 'maybe'))).toMatchObject({ accepted: [one.id] });
    expect(standing(bench.tip.items(), '198.51.100.1').toSorted()).toEqual(['gone', 'held']);
    const indicators = bench
      .added()
      .flat()
      .filter(({ type }) => type === 'indicator');
    expect(indicators.map(({ revoked }) => revoked)).toEqual([false, true, false]);
  });

  test('ends what begins later than now, and never before it begins', async () => {
    const bench = await startTaxii({ duplicates });
    const item = deliverable(1, 'domain', 'evil.example', {
      validFrom: '2099-01-01T00:00:00.0000000Z',
      validUntil: null,
    });
    const { held } = await deliver(bench, [item]);
    expect((await bench.taxii.withdraw(withdrawable([item], held), SIGNAL)).withdrawn).toEqual([1]);
    expect(bench.added().at(-1)?.[0]).toMatchObject({ valid_until: '2099-01-01T00:00:00.001Z', revoked: true });
  });

  test('says what is not there, and what is not ours stays', async () => {
    const bench = await startTaxii({ duplicates, foreignObjects: 5 });
    const [one] = oneOfEach();
    if (one === undefined) expect.fail();
    const never = withdrawable([one], new Map());
    expect(await bench.taxii.withdraw(never, SIGNAL)).toEqual({ withdrawn: [], missing: [1], unknown: [] });
    const other = bench.again({}, 'another deployment');
    const shipment = shipmentOf(rendered(other, [one]));
    await settled(bench, other, shipment, await other.bring(shipment, SIGNAL));
    expect((await bench.taxii.withdraw(never, SIGNAL)).missing).toEqual([1]);
    expect(bench.tip.counts()).toMatchObject({ holds: 1, withdrawn: 0 });
  });

  test('keeps a version that another producer has put over ours, and is not fought', async () => {
    const bench = await startTaxii({ duplicates, overwritten: ['198.51.100.1'] });
    const [one] = oneOfEach();
    if (one === undefined) expect.fail();
    const first = await deliver(bench, [one]);
    expect(first).toMatchObject({ accepted: [1] });
    expect(first.note).toContain('1 with a newer version of another producer above ours');
    const sent = bench.added().length;
    await deliver(bench, [one], first.held);
    expect(bench.added()).toHaveLength(sent);
    bench.setFaults({ overwritten: [] });
    const changed = { ...one, indicator: { ...one.indicator, facts: { ...one.indicator.facts, confidence: 95 } } };
    expect(await deliver(bench, [changed], first.held)).toMatchObject({
      accepted: [1],
      note: expect.not.stringContaining('above'),
    });
    expect((await bench.taxii.withdraw(withdrawable([one], first.held), SIGNAL)).withdrawn).toEqual([1]);
    expect(bench.tip.counts()).toMatchObject({ holds: 0 });
  });

  test('that holds more than the ledger knows gets a version above what it holds', async () => {
    const bench = await startTaxii({ duplicates });
    let held: ReadonlyMap<number, Held> = new Map();
    for (const confidence of [10, 20, 30]) {
      ({ held } = await deliver(bench, [deliverable(1, 'domain', 'evil.example', { confidence })], held));
    }
    expect(await deliver(bench, [deliverable(1, 'domain', 'evil.example', { confidence: 40 })])).toMatchObject({
      accepted: [1],
    });
    expect(bench.tip.counts()).toMatchObject({ holds: 1, updates: 3, duplicates: 0 });
  });

  test('that has revoked an id gets the next one, though the ledger does not know', async () => {
    const bench = await startTaxii({ duplicates });
    const item = deliverable(1, 'domain', 'evil.example');
    const { held } = await deliver(bench, [item]);
    await bench.taxii.withdraw(withdrawable([item], held), SIGNAL);
    const again = await deliver(bench, [item]);
    expect(again).toMatchObject({
      accepted: [],
      unknown: [{ id: 1, isAbsent: true, reason: expect.stringContaining('revoked') }],
    });
    expect(await deliver(bench, [item], again.held)).toMatchObject({ accepted: [1] });
    expect(bench.tip.counts()).toMatchObject({ holds: 1, duplicates: 0 });
  });
});

test('ids are those of the deployment', async () => {
  const bench = await startTaxii();
  await deliver(bench, oneOfEach());
  const [[identity] = []] = bench.added();
  expect(identity?.['id']).toBe(
    producerId({ namespace: stixNamespace(DEPLOYMENT), name: '', identityClass: 'system' }),
  );
});
