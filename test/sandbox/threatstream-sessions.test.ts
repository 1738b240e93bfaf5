import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { call, importAll, json, NOW, objectsOf, start, through, uploaded, valuesFor } from './threatstream-caller.ts';

const SESSIONS = '/api/v1/importsession/';

describe('an import session', () => {
  it.each([
    ['kept', 'mdti-sync one 1.csv'],
    ['absent', null],
  ] as const)('has the file name of its upload %s', async (fileNames, fileName) => {
    const { api } = start({ fileNames });
    const { id, session } = await uploaded(api, 'value\n192.0.2.1\n', {}, { name: 'mdti-sync one 1.csv' });
    expect(session).toMatchObject({ fileName, fileType: 'csv' });
    expect(await objectsOf(api, `${SESSIONS}?limit=1000`)).toMatchObject([{ id: Number(id), fileName }]);
  });

  it('lists what it brought with ids, and what it rejected with reasons', async () => {
    const { api } = start({ benign: ['192.0.2.8'], rejectValues: ['bad'] });
    const { id } = await uploaded(api, 'value\n192.0.2.1\n192.0.2.8\nbad.example.com\n192.0.2.1\n');
    const brought = await json(api, 'GET', `${SESSIONS}${id}/intelligence/?limit=1000`);
    expect(brought.body['meta']).toEqual({ limit: 1000, next: null, offset: 0, previous: null, total_count: 1 });
    expect(brought.body['objects']).toEqual([{ id: 1_000_001, value: '192.0.2.1', itype: 'mal_ip', confidence: 50 }]);
    expect(await objectsOf(api, `${SESSIONS}${id}/rejects/?limit=1000`)).toEqual([
      { id: expect.any(Number), value: '192.0.2.8', itype: 'mal_ip', confidence: 50, message: 'Benign observable' },
      {
        id: expect.any(Number),
        value: 'bad.example.com',
        itype: 'mal_domain',
        confidence: 50,
        message: 'Invalid observable',
      },
      {
        id: expect.any(Number),
        value: '192.0.2.1',
        itype: 'mal_ip',
        confidence: 50,
        message: 'Duplicate of an existing observable',
      },
    ]);
  });

  it('lists nothing while it is processing', async () => {
    const { api } = start({ polls: 5, rejectValues: ['bad'] });
    const { id } = await importAll(api, ['192.0.2.1', 'bad.example.com']);
    expect(await objectsOf(api, `${SESSIONS}${id}/intelligence/`)).toEqual([]);
    expect(await objectsOf(api, `${SESSIONS}${id}/rejects/`)).toEqual([]);
  });

  it('shows 20 in a list, or as many as are asked for up to 1,000', async () => {
    const { api } = start();
    const many = Array.from({ length: 1_100 }, (_, index) => `host${index}.example.com`);
    const { id } = await uploaded(api, `value\n${many.join('\n')}\n`);
    const { id: again } = await uploaded(api, `value\n${many.join('\n')}\n`);
    for (const [limit, shown] of [
      ['', 20],
      ['?limit=7', 7],
      ['?limit=0', 1_000],
      ['?limit=5000', 1_000],
    ] as const) {
      expect(await objectsOf(api, `${SESSIONS}${id}/intelligence/${limit}`)).toHaveLength(shown);
      expect(await objectsOf(api, `${SESSIONS}${again}/rejects/${limit}`)).toHaveLength(shown);
    }
  });

  it('may be without the two lists', async () => {
    const { api } = start({ sessionLists: 'missing' });
    const { id } = await uploaded(api, 'value\n192.0.2.1\n');
    expect(await call(api, 'GET', `${SESSIONS}${id}/intelligence/`)).toMatchObject({ status: 404 });
    expect(await call(api, 'GET', `${SESSIONS}${id}/rejects/`)).toMatchObject({ status: 404 });
    expect(await call(api, 'GET', `${SESSIONS}${id}/`)).toMatchObject({ status: 200 });
  });
});

describe('the list of import sessions', () => {
  it('brings those that it shows one step further, as asking for one does', async () => {
    const { api } = start({ polls: 1 });
    await importAll(api, ['192.0.2.1']);
    const statuses = async (query = '') => (await objectsOf(api, `${SESSIONS}${query}`)).map(({ status }) => status);
    expect(await statuses('?status__in=done,approved')).toEqual([]);
    expect(await statuses('?status__in=done,approved')).toEqual([]);
    expect(await statuses()).toEqual(['processing']);
    expect(await statuses()).toEqual(['done']);
    expect(await statuses('?status=processing')).toEqual([]);
    expect(await statuses('?status=done')).toEqual(['done']);
  });

  it('has pages, others’ sessions first, then the newest', async () => {
    const { api } = start({ foreignSessions: 2, polls: 0 });
    const ids: string[] = [];
    for (const value of ['192.0.2.1', '192.0.2.2', '192.0.2.3']) ids.push((await importAll(api, [value])).id);
    const shown: unknown[] = [];
    let next: string | null = `${SESSIONS}?limit=2&date_modified__gte=${NOW.toISOString()}`;
    while (next !== null) {
      const { body }: Awaited<ReturnType<typeof json>> = await json(api, 'GET', next);
      shown.push(
        ...z
          .array(z.object({ id: z.int() }))
          .parse(body['objects'])
          .map(({ id }) => id),
      );
      const meta = z.object({ next: z.string().nullable(), total_count: z.int() }).parse(body['meta']);
      expect(meta.total_count).toBe(5);
      next = meta.next;
    }
    expect(shown).toEqual([1, 2, ...ids.map(Number).toReversed()]);
  });
});

describe('a value that the organisation has', () => {
  it('is discarded by an import, which says so, and what is held stays as it was', async () => {
    const { api } = start({ duplicateMessage: 'already there' });
    await uploaded(api, 'value,itype,private_tags\n192.0.2.1,c2_ip,one\n', { default_state: 'active' });
    const held = api.holdings();
    const { id, session } = await uploaded(api, 'value,itype,private_tags\n192.0.2.1,apt_ip,two\n');
    expect(session).toMatchObject({ status: 'done', numIndicators: 0, numRejected: 1 });
    expect(await objectsOf(api, `${SESSIONS}${id}/rejects/`)).toMatchObject([
      { value: '192.0.2.1', message: 'already there' },
    ]);
    await json(api, 'PATCH', `${SESSIONS}${id}/approve_all/`);
    expect(api.holdings()).toEqual(held);
  });

  it('is discarded by a write without approval, without a word', async () => {
    const { api } = start({ polls: 0 });
    const write = async (itype: string) => {
      const body = { objects: [{ srcip: '192.0.2.1', itype }], meta: { classification: 'private' } };
      return call(api, 'PATCH', '/api/v2/intelligence/', JSON.stringify(body));
    };
    await write('c2_ip');
    expect(await valuesFor(api, '')).toEqual(['192.0.2.1']);
    expect(await write('apt_ip')).toMatchObject({ status: 202, body: '' });
    expect(await valuesFor(api, 'itype=c2_ip')).toEqual(['192.0.2.1']);
    expect(api.counts()).toMatchObject({ discarded: 1, duplicates: 0 });
  });

  it('is one also while it waits for a review, or is under way', async () => {
    const { api } = start();
    const first = await importAll(api, ['192.0.2.1']);
    const second = await importAll(api, ['192.0.2.1']);
    await through(api, first.id);
    const third = await importAll(api, ['192.0.2.1']);
    for (const { id } of [second, third]) expect(await through(api, id)).toMatchObject({ numRejected: 1 });
    expect(api.counts()).toMatchObject({ holds: 1, discarded: 2, duplicates: 2 });
  });

  it('is none when its session ended in errors, is stuck, or has vanished', async () => {
    for (const fault of [{ sessionErrors: 1 }, { stuckSessions: 1 }, { vanishingSessions: 1 }]) {
      const { api, setFaults } = start(fault);
      await importAll(api, ['192.0.2.1']);
      setFaults({});
      const { id } = await importAll(api, ['192.0.2.1']);
      expect(await through(api, id)).toMatchObject({ numIndicators: 1, numRejected: 0 });
      expect(api.counts()).toMatchObject({ holds: 1, discarded: 0 });
    }
  });
});
