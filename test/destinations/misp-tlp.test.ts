import { expect, it } from 'vitest';
import { mispSection } from '../../destinations/misp/misp-settings.ts';
import { asHeld, deliver, type MispBench, startMispBench } from './misp-bench.ts';
import { deliverable } from './threatstream-indicators.ts';

interface Saved {
  readonly attributes: readonly { readonly uuid: string; readonly tags: readonly { readonly id: number }[] }[];
  readonly tags: readonly { readonly id: number; readonly name: string }[];
}

function saved({ server }: MispBench): Saved {
  return JSON.parse(JSON.stringify(server.tip.snapshot()));
}

/** Of the only attribute. */
function markings(bench: MispBench): readonly string[] {
  const { attributes, tags } = saved(bench);
  const ids = new Set(attributes[0]?.tags.map(({ id }) => id));
  return tags.flatMap(({ id, name }) => (ids.has(id) && /^tlp:/i.test(name) ? [name] : [])).sort();
}

async function tagByHand(bench: MispBench, tag: string): Promise<void> {
  const { authorization = '' } = bench.requests[0]?.headers ?? {};
  const reply = await bench.server.tip.handle({
    method: 'POST',
    path: '/tags/attachTagToObject',
    query: new URLSearchParams(),
    headers: { authorization, accept: 'application/json' },
    body: JSON.stringify({ uuid: saved(bench).attributes[0]?.uuid, tag }),
  });
  expect(reply).toMatchObject({ status: 200 });
}

const marked = (tlp: 'clear' | 'green' | 'amber' | 'red', confidence = 80) =>
  deliverable(1, 'domain', 'a.example.com', { tlp, confidence });

it('leaves no more open marking beside its own, whoever has set it', async () => {
  const bench = await startMispBench({ events: 1 });
  await deliver(bench, [marked('green')]);
  bench.later(1_000);
  // Of what it was, nothing is known any more; or another pipeline has brought it.
  expect(await deliver(bench, [marked('red')])).toMatchObject({ accepted: [1], unknown: [] });
  expect(markings(bench)).toEqual(['tlp:red']);
  for (const tag of ['TLP:WHITE', 'tlp:amber']) await tagByHand(bench, tag);
  bench.later(1_000);
  expect(await deliver(bench, [marked('red', 90)])).toMatchObject({ accepted: [1], unknown: [] });
  expect(markings(bench)).toEqual(['tlp:red']);
});

it('puts no marking beside one that is stricter and not its own', async () => {
  const bench = await startMispBench({ events: 1 });
  const before = await deliver(bench, [marked('green')]);
  await tagByHand(bench, 'tlp:red');
  bench.later(1_000);
  const since = bench.requests.length;
  expect(await deliver(bench, [asHeld(marked('clear', 90), before)])).toMatchObject({ accepted: [1], unknown: [] });
  expect(markings(bench)).toEqual(['tlp:red']);
  expect(bench.requests.length).toBeGreaterThan(since);
  bench.later(1_000);
  expect(await deliver(bench, [marked('amber', 95)])).toMatchObject({ accepted: [1], unknown: [], notes: [''] });
  expect(markings(bench)).toEqual(['tlp:red']);
});

it('follows its own marking down', async () => {
  const bench = await startMispBench({ events: 1 });
  const before = await deliver(bench, [marked('red')]);
  bench.later(1_000);
  expect(await deliver(bench, [asHeld(marked('green'), before)])).toMatchObject({ accepted: [1], unknown: [] });
  expect(markings(bench)).toEqual(['tlp:green']);
});

it.each(['tlp:clear', 'TLP:WHITE', 'tlp:amber+strict'])('%s is not to be had as an extra tag', (tag) => {
  const given = { type: 'misp', baseUrl: 'https://misp.example', apiKey: { env: 'KEY' }, extraTags: ['ours', tag] };
  const { error } = mispSection.safeParse(given);
  expect(error?.issues).toMatchObject([{ path: ['extraTags', 1], message: expect.stringContaining('marking') }]);
});
