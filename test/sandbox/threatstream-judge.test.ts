import { array, assert, asyncProperty, boolean, constantFrom, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { call, change, idsOf, importAll, imported, json, NOW, start, valuesFor } from './threatstream-caller.ts';

describe('what the judge counts', () => {
  it('is all that arrived although the organisation has it, and of it what arrived in just that form', async () => {
    const { api } = start({ polls: 0 });
    const { id } = await importAll(api, ['192.0.2.1', '192.0.2.2']);
    await importAll(api, ['192.0.2.1']);
    await importAll(api, ['192.0.2.2'], { severity: 'high' });
    expect(api.counts()).toMatchObject({ discarded: 2, duplicates: 1, updates: 0 });
    await json(api, 'GET', `/api/v1/importsession/${id}/`);
    await importAll(api, ['192.0.2.1']);
    expect(api.counts()).toMatchObject({ discarded: 3, duplicates: 2, updates: 0, holds: 2 });
  });

  it('is a change of what is held, and none that leaves it as it was', async () => {
    const { api } = start();
    await imported(api, ['192.0.2.1']);
    const [id = 0] = await idsOf(api, 'value=192.0.2.1');
    await change(api, id, { severity: 'low' });
    await change(api, id, { severity: 'low' });
    expect(api.counts()).toMatchObject({ updates: 1, duplicates: 0, discarded: 0 });
  });

  it('is others’ copies that were touched, and what was withdrawn', async () => {
    const { api } = start({ foreignCopies: 1 });
    await imported(api, ['192.0.2.1']);
    const { body } = await json(api, 'GET', '/api/v2/intelligence/?value=192.0.2.1');
    const objects = z.array(z.object({ id: z.int(), owner_organization_id: z.int() })).parse(body['objects']);
    expect(objects.map((object) => object.owner_organization_id)).toEqual([999, 67]);
    for (const object of objects) await change(api, object.id, { status: 'inactive' });
    expect(api.counts()).toMatchObject({ holds: 0, withdrawn: 1, foreignTouched: 1 });
  });

  it('is which tags there ever were, and which values they were public on', async () => {
    const { api } = start();
    await imported(api, ['192.0.2.1', '192.0.2.2'], {
      tags: JSON.stringify([{ name: 'a' }, { name: 'b', tlp: 'red' }]),
    });
    expect(api.counts()).toMatchObject({ tagNames: 2, publicTags: 2 });
    const ids = await idsOf(api, '');
    const tagging = { ids, tags: [{ name: 'b', tlp: 'green' }, { name: 'a' }], remove_tags: [{ name: 'a' }] };
    await call(api, 'POST', '/api/v2/intelligence/bulk_tagging/', JSON.stringify(tagging));
    expect(api.counts()).toMatchObject({ tagNames: 2, publicTags: 4 });
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
});

describe('the judge, whatever arrives in whatever order', () => {
  it('holds one entry for each value, and counts as a list kept by hand does', async () => {
    const arrival = record({
      value: constantFrom('192.0.2.1', '192.0.2.2', 'a.example.com'),
      severity: constantFrom('low', 'high'),
      act: constantFrom('nothing', 'withdraw', 'change'),
    });
    await assert(
      asyncProperty(array(arrival, { maxLength: 12 }), boolean(), async (arrivals, inactiveAreDuplicates) => {
        const { api } = start({ polls: 0, inactiveAreDuplicates });
        const held = new Map<string, string>();
        const withdrawn = new Set<string>();
        const counted = { duplicates: 0, discarded: 0, updates: 0, withdrawn: 0 };
        for (const { value, severity, act } of arrivals) {
          const { id } = await importAll(api, [value], { severity, default_state: 'active' });
          const session = await json(api, 'GET', `/api/v1/importsession/${id}/`);
          const isDiscarded = held.has(value) || (inactiveAreDuplicates && withdrawn.has(value));
          expect(session.body).toMatchObject({ numIndicators: isDiscarded ? 0 : 1, numRejected: isDiscarded ? 1 : 0 });
          if (isDiscarded) counted.discarded += 1;
          else held.set(value, severity);
          if (isDiscarded && held.get(value) === severity) counted.duplicates += 1;
          const [known] = await idsOf(api, `value=${value}`);
          if (known === undefined || act === 'nothing') continue;
          if (act === 'change') {
            await change(api, known, { severity });
            if (held.get(value) !== severity) counted.updates += 1;
            held.set(value, severity);
          } else {
            await change(api, known, { status: 'inactive' });
            held.delete(value);
            withdrawn.add(value);
            counted.withdrawn += 1;
          }
        }
        expect(api.counts()).toMatchObject({ ...counted, holds: held.size });
        const active = api.holdings().filter(({ status }) => status === 'active');
        expect(new Map(active.map(({ value, severity }) => [value, severity]))).toEqual(held);
        expect((await valuesFor(api, '')).toSorted()).toEqual([...held.keys()].toSorted());
      }),
      { numRuns: 40 },
    );
  });
});
