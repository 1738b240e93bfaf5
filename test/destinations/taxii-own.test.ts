import { describe, expect, test } from 'vitest';
import type { Destination, OwnItem } from '../../destinations/destination.ts';
import { deliver, SERVERS, SIGNAL, startTaxii } from './taxii-bench.ts';
import { domains } from './threatstream-indicators.ts';

async function pagesOf(taxii: Destination): Promise<readonly (readonly OwnItem[])[]> {
  const pages: (readonly OwnItem[])[] = [];
  for await (const page of taxii.own?.(SIGNAL) ?? expect.fail()) pages.push(page);
  return pages;
}
const told = (items: readonly OwnItem[]) => items.map(({ value, state }) => `${state} ${value}`).toSorted();

describe.each(SERVERS)('what is ours on a server like %s', (duplicates) => {
  const names = (count: number) => domains(count).map(({ indicator }) => indicator.key.value);
  const held = (values: readonly string[]) => values.map((value) => `held ${value}`).toSorted();

  test('is told from what others have, page by page', async () => {
    const bench = await startTaxii({ duplicates, pageSize: 10, foreignObjects: 25 });
    await deliver(bench, domains(30));
    const pages = await pagesOf(bench.taxii);
    expect(pages.length).toBeGreaterThan(3);
    expect(told(pages.flat())).toEqual(held(names(30)));
    expect(bench.requests.filter(({ url }) => url.includes('type%5D=indicator'))).toHaveLength(pages.length);
    expect(told((await pagesOf(bench.again({}, 'another deployment'))).flat())).toEqual([]);
  });

  test('is also what another producer has put a version over', async () => {
    const [first = ''] = names(3);
    const bench = await startTaxii({ duplicates, overwritten: [first] });
    await deliver(bench, domains(3));
    expect(told((await pagesOf(bench.taxii)).flat())).toEqual(held(names(3)));
  });

  test('is gone once it is revoked, whenever it would end', async () => {
    const bench = await startTaxii({ duplicates });
    const [one = expect.fail()] = domains(1);
    const { held: has } = await deliver(bench, [one]);
    const gone = { id: one.id, key: one.indicator.key, held: has.get(one.id) ?? null };
    expect(await bench.taxii.withdraw([gone], SIGNAL)).toMatchObject({ withdrawn: [one.id] });
    bench.clock.at = new Date(bench.clock.at.getTime() - 86_400_000);
    expect(told((await pagesOf(bench.taxii)).flat())).toEqual([`gone ${one.indicator.key.value}`]);
  });

  test('is whole where the server forgets where it was', async () => {
    const bench = await startTaxii({ duplicates, pageSize: 10, foreignObjects: 25 });
    await deliver(bench, domains(5));
    let asked = 0;
    bench.answers.before = ({ url }) => {
      if (url.includes('&next=')) asked += 1;
      return asked === 2 && url.includes('&next=')
        ? { status: 404, headers: {}, text: '{"title":"no such page"}' }
        : null;
    };
    const items = new Map((await pagesOf(bench.taxii)).flat().map((one) => [one.remoteId, one]));
    expect(told([...items.values()])).toEqual(held(names(5)));
    expect(bench.requests.filter(({ url }) => url.includes('added_after')).length).toBeGreaterThan(0);
    expect(asked).toBeGreaterThan(2);
  });

  test.each<[string, object, RegExp]>([
    ['forgets it each time', { nextForgotten: true }, /answered 40[04] in the middle of the list/],
    ['breaks', { readsBroken: true }, /500/],
  ])('is not told in part where the server %s', async (_, faults, sentence) => {
    const bench = await startTaxii({ duplicates, pageSize: 10, foreignObjects: 25 });
    await deliver(bench, domains(5));
    bench.setFaults(faults);
    await expect(pagesOf(bench.taxii)).rejects.toMatchObject({
      kind: 'Unavailable',
      message: expect.stringMatching(sentence),
    });
  });

  test('is not read for ever where the same page comes again and again', async () => {
    const bench = await startTaxii({ duplicates, pageSize: 10 });
    await deliver(bench, domains(15));
    let first = '';
    bench.answers.after = ({ url }, reply) => {
      if (!url.includes('type%5D=indicator')) return reply;
      first ||= reply.text;
      return { ...reply, text: first };
    };
    await expect(pagesOf(bench.taxii)).rejects.toMatchObject({
      kind: 'Unavailable',
      message: expect.stringContaining('gives none of it'),
    });
  });
});
