import { describe, expect, it } from 'vitest';
import { asHeld, askedOf, deliver, type MispBench, SIGNAL, startMispBench, statesIn } from './misp-bench.ts';
import { domains } from './threatstream-indicators.ts';

const VALUE = 'host0.example.com';

async function act(bench: MispBench, path: string): Promise<void> {
  const { authorization = '' } = bench.requests[0]?.headers ?? {};
  const headers = { authorization, accept: 'application/json' };
  const call = { method: 'POST', path, query: new URLSearchParams(), headers, body: '{}' };
  expect(await bench.server.tip.handle(call)).toMatchObject({ status: 200 });
}

describe('where what is deleted is not found', () => {
  it('what a person has deleted stays so', async () => {
    const bench = await startMispBench({ events: 1 }, { deletedIsFound: false });
    const before = await deliver(bench, domains(2));
    await act(bench, '/attributes/delete/1');
    bench.later(1_000);
    const changed = domains(2, { confidence: 95 }).map((item) => asHeld(item, before));
    expect(await deliver(bench, changed)).toMatchObject({
      accepted: [2],
      rejected: [{ id: 1, byReviewer: true, reason: expect.stringContaining('a person has deleted it') }],
    });
    expect(statesIn(bench)).toMatchObject({ [VALUE]: 'gone' });
  });

  it('the event of what is withdrawn is published', async () => {
    const bench = await startMispBench(
      { events: 1, withdraw: 'delete', publish: 'afterBatch' },
      { deletedIsFound: false },
    );
    const before = await deliver(bench, domains(2));
    bench.later(1_000);
    const since = bench.requests.length;
    const [first] = domains(2).map((item) => asHeld(item, before));
    if (first?.held === undefined) throw new Error('It is held.');
    const { id, indicator, held } = first;
    expect(await bench.misp.withdraw([{ id, key: indicator.key, held }], SIGNAL)).toMatchObject({ unknown: [] });
    expect(statesIn(bench)).toMatchObject({ [VALUE]: 'gone' });
    expect(askedOf(bench, since)).toContain('POST events/publish');
  });

  it('what no edit takes back is rejected with what it may be, and nothing else is restored', async () => {
    const bench = await startMispBench({ events: 1 }, { deletedIsFound: false, restoresByEdit: false });
    await deliver(bench, domains(1));
    await act(bench, '/attributes/delete/1');
    bench.later(1_000);
    const since = bench.requests.length;
    expect(await deliver(bench, domains(1))).toMatchObject({
      rejected: [{ id: 1, reason: expect.stringContaining('perm_sync') }],
    });
    expect(askedOf(bench, since)).not.toContain('POST attributes/restore');
  });
});

it('sees a marking that is not to leave the instance', async () => {
  const bench = await startMispBench({ events: 1 }, { unexportedTags: ['tlp:amber'] });
  expect(await deliver(bench, domains(1))).toMatchObject({ accepted: [1], unknown: [], notes: [''] });
});
