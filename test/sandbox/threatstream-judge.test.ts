import { array, assert, asyncProperty, boolean, constantFrom, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { call, importAll, json, NOW, start, valuesFor } from './threatstream-caller.ts';

describe('what the judge counts', () => {
  it('tells what arrived twice from what changed, whatever shipment it came with, also while it is under way', async () => {
    const { api } = start();
    await importAll(api, ['192.0.2.1', '192.0.2.2']);
    const again = JSON.stringify([{ name: 'mdti-sync:one:2' }, { name: 'mdti', tlp: 'red' }]);
    await importAll(api, ['192.0.2.1'], { tags: again });
    await importAll(api, ['192.0.2.2'], { severity: 'high' });
    expect(api.counts()).toMatchObject({ duplicates: 1, updates: 1 });
  });

  it('takes a withdrawn value for a new one, and leaves others’ copies alone', async () => {
    const { api } = start({ foreignCopies: 1, polls: 0 });
    const { id } = await importAll(api, ['192.0.2.1'], { default_state: 'active' });
    await json(api, 'GET', `/api/v1/importsession/${id}/`);
    const { body } = await json(api, 'GET', '/api/v2/intelligence/?value=192.0.2.1');
    const objects = z.array(z.object({ id: z.int(), owner_organization_id: z.int() })).parse(body['objects']);
    expect(objects.map((object) => object.owner_organization_id)).toEqual([999, 67]);
    for (const object of objects) {
      await call(api, 'PATCH', `/api/v2/intelligence/${object.id}/`, JSON.stringify({ status: 'inactive' }));
    }
    expect(api.counts()).toMatchObject({ holds: 0, retracted: 1, foreignTouched: 1 });
    await importAll(api, ['192.0.2.1'], { default_state: 'active' });
    expect(api.counts()).toMatchObject({ duplicates: 0, updates: 0 });
  });

  it('remembers when each value was taken in, also over a snapshot', async () => {
    let now = NOW;
    const { api } = start({}, undefined, () => now);
    const { id } = await importAll(api, ['192.0.2.1']);
    const taken = new Date('2026-11-24T08:00:07Z');
    await json(api, 'GET', `/api/v1/importsession/${id}/`);
    now = taken;
    await json(api, 'GET', `/api/v1/importsession/${id}/`);
    now = new Date('2026-11-24T09:00:00Z');
    await json(api, 'PATCH', `/api/v1/importsession/${id}/approve_all/`);
    expect(api.holdings()).toMatchObject([{ heldAt: taken.toISOString(), status: 'active' }]);
    const later = start({}, JSON.parse(JSON.stringify(api.snapshot())), () => now);
    expect(later.api.holdings()).toEqual(api.holdings());
  });

  it('goes on from a snapshot', async () => {
    const first = start();
    const { id } = await importAll(first.api, ['192.0.2.1', 'evil.example.com']);
    const saved: unknown = JSON.parse(JSON.stringify(first.api.snapshot()));
    const { api } = start({}, saved);
    expect(api.holdings()).toEqual(first.api.holdings());
    await importAll(api, ['192.0.2.1']);
    expect(api.counts()).toMatchObject({ holds: 2, duplicates: 1, sessions: 1 });
    const approved = await json(api, 'PATCH', `/api/v1/importsession/${id}/approve_all/`);
    expect(approved.status).toBe(200);
    expect(await valuesFor(api, '')).toHaveLength(2);
    const later = start({}, JSON.parse(JSON.stringify(api.snapshot())));
    expect(later.api.counts()).toMatchObject({ holds: 2, duplicates: 1, sessions: 0 });
  });
});

describe('the judge, whatever arrives in whatever order', () => {
  it('holds one entry for each value, and counts as a list kept by hand does', async () => {
    const arrival = record({
      value: constantFrom('192.0.2.1', '192.0.2.2', 'a.example.com'),
      severity: constantFrom('low', 'high'),
      withdraw: boolean(),
    });
    await assert(
      asyncProperty(array(arrival, { maxLength: 12 }), async (arrivals) => {
        const { api } = start({ polls: 0 });
        const held = new Map<string, string>();
        const counted = { duplicates: 0, updates: 0, retracted: 0 };
        for (const [index, { value, severity, withdraw }] of arrivals.entries()) {
          const tags = JSON.stringify([{ name: `mdti-sync:one:${index}` }]);
          const { id } = await importAll(api, [value], { severity, tags, default_state: 'active' });
          await json(api, 'GET', `/api/v1/importsession/${id}/`);
          if (held.get(value) === severity) counted.duplicates += 1;
          else if (held.has(value)) counted.updates += 1;
          held.set(value, severity);
          expect(await valuesFor(api, `tags.name=mdti-sync:one:${index}`)).toEqual([value]);
          if (!withdraw) continue;
          const found = await json(api, 'GET', `/api/v2/intelligence/?value=${value}`);
          const [object] = z.array(z.object({ id: z.int() })).parse(found.body['objects']);
          await json(api, 'PATCH', `/api/v2/intelligence/${object?.id}/`, '{"status":"inactive"}');
          held.delete(value);
          counted.retracted += 1;
        }
        expect(api.counts()).toMatchObject({ ...counted, holds: held.size });
        const active = api.holdings().filter(({ status }) => status === 'active');
        expect(new Map(active.map(({ value, severity }) => [value, severity]))).toEqual(held);
      }),
      { numRuns: 40 },
    );
  });
});
