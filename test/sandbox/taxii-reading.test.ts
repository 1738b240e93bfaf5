import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { IN_COLLECTION, indicator, indicatorId, OBJECTS, SECOND, start } from './taxii-caller.ts';

const page = z.object({
  more: z.boolean(),
  next: z.string().optional(),
  objects: z.array(z.object({ id: z.string() })),
});
const numbersOf = (text: string): readonly number[] =>
  page.parse(JSON.parse(text)).objects.map(({ id }) => Number(id.slice(-12)));
const five = [1, 2, 3, 4, 5].map((number) => indicator(number));

describe.each(['medallion', 'opentaxii'] as const)('reading from a server like %s', (duplicates) => {
  it('shows the newest versions, unless others are asked for', async () => {
    const taxii = await start({ duplicates });
    await taxii.post([indicator(1), indicator(2)]);
    await taxii.post([indicator(1, SECOND)]);
    const versions = async (query: string): Promise<readonly unknown[]> =>
      (await taxii.objects(`${OBJECTS}${query}`)).map(({ id, modified }) => `${String(id)} ${String(modified)}`).sort();
    const [first, second, other] = [
      `${indicatorId(1)} 2026-01-01T00:00:00.000Z`,
      `${indicatorId(1)} 2026-01-02T00:00:00.000Z`,
      `${indicatorId(2)} 2026-01-01T00:00:00.000Z`,
    ];
    expect(await versions('')).toEqual([second, other]);
    expect(await versions('?match[version]=first')).toEqual([first, other]);
    expect(await versions('?match[version]=first,last')).toEqual([first, second, other]);
    expect(await versions('?match[version]=all')).toEqual([first, second, other]);
    expect(await versions('?match[version]=2026-01-02T00:00:00.000Z')).toEqual([second]);
    expect(await versions(`?match[id]=${indicatorId(2)},${indicatorId(3)}`)).toEqual([other]);
    expect(await versions('?match[type]=indicator')).toEqual([second, other]);
    expect(await versions('?match[type]=malware')).toEqual([]);
    expect(await versions('?match[spec_version]=2.0')).toEqual([]);
    expect(await versions('?added_after=2100-01-01T00:00:00.000Z')).toEqual([]);
    expect(await versions(`${indicatorId(1)}/`)).toEqual([second]);
  });

  it('lists versions, and what there is with the time at which it came', async () => {
    const taxii = await start({ duplicates }, { now: () => new Date('2026-06-01T00:00:00Z') });
    await taxii.post([indicator(1)]);
    await taxii.post([indicator(1, SECOND)]);
    const decimals = duplicates === 'medallion' ? '000Z' : '000000Z';
    const reply = await taxii.get(`${OBJECTS}${indicatorId(1)}/versions/`);
    const versions = z.object({ versions: z.array(z.string()) }).parse(reply.json()).versions;
    expect(versions.sort()).toEqual([`2026-01-01T00:00:00.${decimals}`, `2026-01-02T00:00:00.${decimals}`]);
    const manifest = await taxii.get(`${IN_COLLECTION}manifest/`);
    const added = manifest.headers['x-taxii-date-added-first'];
    expect(added).toMatch(/^2026-06-01T00:00:00\.\d{6}Z$/);
    expect(manifest.json()).toEqual({
      more: false,
      objects: [
        {
          id: indicatorId(1),
          date_added: added,
          version: `2026-01-02T00:00:00.${decimals}`,
          media_type: 'application/stix+json;version=2.1',
        },
      ],
    });
  });

  it('gives the instants of objects in another form, if told to', async () => {
    const taxii = await start({ duplicates, instants: 'microseconds' });
    await taxii.post([indicator(1)]);
    expect(await taxii.objects()).toMatchObject([
      { modified: '2026-01-01T00:00:00.000000Z', valid_from: '2026-01-01T00:00:00.000000Z' },
    ]);
  });

  it('has the objects of other producers in the collection, too', async () => {
    const taxii = await start({ duplicates, foreignObjects: 2, overwritten: ['192.0.2.1'] });
    await taxii.post([indicator(1)]);
    const [foreign, ...others] = await taxii.objects();
    expect(foreign).toMatchObject({ pattern: "[domain-name:value = 'foreign-1.example.net']" });
    expect(others).toMatchObject([
      { pattern: "[domain-name:value = 'foreign-2.example.net']" },
      { id: indicatorId(1), modified: '2026-01-01T01:00:00.000Z', confidence: 1 },
    ]);
    expect(await taxii.objects(`${OBJECTS}?match[id]=${String(foreign?.['id'])}`)).toHaveLength(1);
    expect(taxii.tip.items()).toEqual([{ id: indicatorId(1), value: '192.0.2.1', state: 'held' }]);
    taxii.setFaults({ readsBroken: true });
    expect((await taxii.get(OBJECTS)).status).toBe(500);
    expect((await taxii.get(`${OBJECTS}?match[id]=${indicatorId(1)}`)).status).toBe(200);
  });

  it('gives no more at once than it likes, and forgets where it was', async () => {
    const taxii = await start({ duplicates, pageSize: 2 });
    await taxii.post(five);
    const { more, next } = page.parse((await taxii.get(`${OBJECTS}?limit=4`)).json());
    expect(more).toBe(true);
    const second = await taxii.get(`${OBJECTS}?limit=4&next=${encodeURIComponent(next ?? '')}`);
    expect(numbersOf(second.text)).toEqual([3, 4]);
    taxii.setFaults({ nextForgotten: true });
    expect((await taxii.get(`${OBJECTS}?limit=4&next=${encodeURIComponent(next ?? '')}`)).status).toBe(400);
  });
});

describe('pages of a server like medallion', () => {
  it('are 100 objects, and one token is good for all: a page that is asked for again is the next one', async () => {
    const taxii = await start();
    await taxii.post(five);
    const { next } = page.parse((await taxii.get(`${OBJECTS}?limit=2`)).json());
    const path = `${OBJECTS}?limit=2&next=${next}`;
    expect((await taxii.get(`${path}&match[type]=indicator`)).status).toBe(400);
    expect((await taxii.get(`${OBJECTS}?next=${next}`)).status).toBe(500);
    const second = await taxii.get(path);
    expect(numbersOf(second.text)).toEqual([3, 4]);
    expect(page.parse(second.json()).next).toBe(next);
    expect(numbersOf((await taxii.get(path)).text)).toEqual([5]);
    expect((await taxii.get(path)).status).toBe(400);
    expect((await taxii.get(`${OBJECTS}?limit=0`)).status).toBe(400);
    await taxii.post(Array.from({ length: 101 }, (_, number) => indicator(number + 10)));
    expect(await taxii.objects()).toHaveLength(100);
  });

  it('are forgotten after half a minute', async () => {
    let now = new Date('2026-06-01T00:00:00Z');
    const taxii = await start({}, { now: () => now });
    await taxii.post(five);
    const { next } = page.parse((await taxii.get(`${OBJECTS}?limit=2`)).json());
    now = new Date('2026-06-01T00:00:31Z');
    expect((await taxii.get(`${OBJECTS}?limit=2&next=${next}`)).status).toBe(400);
  });

  it('stumble over an instant that is none', async () => {
    const taxii = await start();
    await taxii.post(five);
    expect((await taxii.get(`${OBJECTS}?added_after=yesterday`)).status).toBe(500);
    expect((await taxii.get(`${OBJECTS}?match[version]=newest`)).status).toBe(500);
  });
});

describe('pages of a server like OpenTAXII', () => {
  it('go on from what was seen last, as often as they are asked for', async () => {
    const taxii = await start({ duplicates: 'opentaxii' });
    await taxii.post(five);
    const { next } = page.parse((await taxii.get(`${OBJECTS}?limit=2`)).json());
    const path = `${OBJECTS}?limit=2&next=${encodeURIComponent(next ?? '')}`;
    expect(numbersOf((await taxii.get(path)).text)).toEqual([3, 4]);
    expect(numbersOf((await taxii.get(path)).text)).toEqual([3, 4]);
    const manifest = page.parse((await taxii.get(`${IN_COLLECTION}manifest/?limit=2`)).json());
    expect([manifest.more, manifest.next]).toEqual([true, undefined]);
  });

  it.each([
    ['limit=x', 400, 'Not a valid integer.'],
    ['next=x', 400, 'Not a valid value.'],
    ['added_after=2026-01-01T00:00:00Z', 400, 'Not a valid datetime.'],
    ['page=2', 400, 'Unknown field.'],
    ['limit=0', 500, 'Internal Server Error'],
  ])('refuse %s', async (query, status, words) => {
    const taxii = await start({ duplicates: 'opentaxii' });
    await taxii.post(five);
    const reply = await taxii.get(`${OBJECTS}?${query}`);
    expect(reply.status).toBe(status);
    expect(reply.text).toContain(words);
  });
});
