import { describe, expect, it } from 'vitest';
import { TAXII_CREDENTIALS } from '../../sandbox/taxii/collections.ts';
import { indicator, indicatorId, OBJECTS, SECOND, start } from './taxii-caller.ts';

describe('what the TAXII stand-in holds', () => {
  it.each([
    ["[ipv6-addr:value = '2001:db8::1']", '2001:db8::1'],
    ["[file:hashes.'SHA-256' = 'ab12']", 'ab12'],
    ["[file:hashes.MD5 = 'cd']", 'cd'],
    [String.raw`[url:value = 'http://a.example/\'q\'?x=\\,"%2F']`, String.raw`http://a.example/'q'?x=\,"%2F`],
    ["  [ domain-name:value='bücher.example' ]", 'bücher.example'],
    ['rule x { condition: true }', 'rule x { condition: true }'],
  ])('knows what %s is about', async (pattern, value) => {
    const taxii = await start();
    await taxii.post([indicator(1, { pattern })]);
    expect(taxii.tip.items()).toEqual([{ id: indicatorId(1), value, state: 'held' }]);
  });

  it('counts what came again, what changed and what was withdrawn', async () => {
    const taxii = await start({}, { now: () => new Date('2026-06-01T00:00:00Z') });
    const identity = { type: 'identity', id: 'identity--5a4d0000-0000-4000-8000-000000000000', name: 'a' };
    await taxii.post([identity, indicator(1), indicator(2), indicator(3)]);
    await taxii.post([identity, indicator(1)]);
    expect(taxii.tip.counts()).toMatchObject({ holds: 3, duplicates: 1, updates: 0, withdrawn: 0 });
    await taxii.post([indicator(1, { ...SECOND, confidence: 90 })]);
    // Under a version that is there already a change is lost, and no change.
    await taxii.post([indicator(1, { ...SECOND, confidence: 10 })]);
    expect(taxii.tip.counts()).toMatchObject({ holds: 3, duplicates: 1, updates: 1, withdrawn: 0 });
    await taxii.post([indicator(2, { ...SECOND, revoked: true })]);
    await taxii.post([indicator(3, { ...SECOND, valid_until: '2026-05-31T00:00:00.000Z' })]);
    expect(taxii.tip.counts()).toMatchObject({ holds: 1, duplicates: 1, updates: 1, withdrawn: 2 });
    expect(taxii.tip.items().map(({ value, state }) => `${value} ${state}`)).toEqual([
      '192.0.2.1 held',
      '192.0.2.2 gone',
      '192.0.2.3 gone',
    ]);
  });

  it('counts what comes twice in one request', async () => {
    const taxii = await start();
    await taxii.post([indicator(1), indicator(1)]);
    expect(taxii.tip.counts()).toMatchObject({ holds: 1, duplicates: 1 });
  });

  it('lets go of what has ended, in its own time', async () => {
    let now = new Date('2026-06-01T00:00:00Z');
    const taxii = await start({}, { now: () => now });
    await taxii.post([indicator(1, { valid_until: '2026-06-02T00:00:00Z' })]);
    expect(taxii.tip.counts()).toMatchObject({ holds: 1 });
    now = new Date('2026-06-02T00:00:00Z');
    expect(taxii.tip.counts()).toMatchObject({ holds: 0, withdrawn: 0 });
  });

  it('counts what is deleted as withdrawn', async () => {
    const taxii = await start();
    await taxii.post([indicator(1)]);
    await taxii.send('DELETE', `${OBJECTS}${indicatorId(1)}/`);
    expect(taxii.tip.counts()).toMatchObject({ holds: 0, withdrawn: 1 });
  });

  it('counts a value once that has several ids', async () => {
    const taxii = await start();
    await taxii.post([indicator(1), indicator(2, { pattern: "[ipv4-addr:value = '192.0.2.1']" })]);
    expect(taxii.tip.counts()).toMatchObject({ holds: 1 });
    expect(taxii.tip.items()).toHaveLength(2);
  });

  it('is all there again after a restart, what was under way too', async () => {
    const before = await start({ appearsAfterRequests: 1_000 });
    const submissions = `/api1/collections/${TAXII_CREDENTIALS.writeOnlyCollection}/objects/`;
    const accepted = await before.post([indicator(1), indicator(2)]);
    await before.post([indicator(3)], submissions);
    const after = await start({}, { restore: JSON.parse(JSON.stringify(before.tip.snapshot())) });
    expect(after.tip.items()).toEqual(before.tip.items());
    expect(after.tip.items()).toHaveLength(3);
    expect(await after.objects()).toEqual([indicator(1), indicator(2)]);
    const { id } = JSON.parse(accepted.text);
    expect((await after.get(`/api1/status/${id}/`)).json()).toMatchObject({ status: 'complete', success_count: 2 });
    await after.send('DELETE', `${OBJECTS}${indicatorId(1)}/`);
    const later = await start({}, { restore: JSON.parse(JSON.stringify(after.tip.snapshot())) });
    expect(later.tip.items()).toContainEqual({ id: indicatorId(1), value: '192.0.2.1', state: 'gone' });
    expect(later.tip.counts()).toMatchObject({ holds: 2, withdrawn: 1 });
  });

  it('does not open on a state that is none', async () => {
    await expect(start({}, { restore: { collections: 7 } })).rejects.toThrow('collections');
  });
});
