import { describe, expect, it } from 'vitest';
import { asHeld, deliver, type MispBench, SIGNAL, startMispBench, statesIn } from './misp-bench.ts';
import { deliverable, domains } from './threatstream-indicators.ts';

interface Saved {
  readonly events: readonly { readonly id: number; readonly distribution: string }[];
  readonly attributes: readonly { readonly value: string; readonly eventId: number }[];
}

/** For whom the events are that a value is in. */
function audiencesOf({ server }: MispBench, value: string): readonly (string | undefined)[] {
  const { events, attributes }: Saved = JSON.parse(JSON.stringify(server.tip.snapshot()));
  return attributes
    .filter((one) => one.value === value)
    .map(({ eventId }) => events.find(({ id }) => id === eventId)?.distribution);
}

describe('what is for some', () => {
  it('never comes into the events of another pipeline that delivers for all', async () => {
    const bench = await startMispBench({ events: 1, distribution: 'all' });
    await deliver(bench, domains(1, { tlp: 'clear' }));
    const few = bench.with({ distribution: 'organisation' });
    await deliver(bench, [deliverable(2, 'domain', 'secret.example.com', { tlp: 'red' })], few);
    expect(audiencesOf(bench, 'host0.example.com')).toEqual(['3']);
    expect(audiencesOf(bench, 'secret.example.com')).toEqual(['0']);
  });

  it('comes into events of its own once the distribution is another one; what was there stays in its event', async () => {
    const bench = await startMispBench({ events: 1, distribution: 'all' });
    const before = await deliver(bench, domains(1));
    bench.later(1_000);
    const after = bench.with({ distribution: 'sharing-group', sharingGroup: 7 });
    const changed = domains(2, { confidence: 95 }).map((item) => asHeld(item, before));
    expect(await deliver(bench, changed, after)).toMatchObject({ accepted: [1, 2], rejected: [], unknown: [] });
    expect(audiencesOf(bench, 'host0.example.com')).toEqual(['3']);
    expect(audiencesOf(bench, 'host1.example.com')).toEqual(['4']);
    expect(bench.server.tip.counts()).toMatchObject({ holds: 2, duplicates: 0, updates: 1 });
  });
});

it.each([{ distribution: 'all' as const }, { withdraw: 'delete' as const }])(
  'changes and withdraws what it has brought by its UUID, whatever workspace is read since (%j)',
  async (settings) => {
    const bench = await startMispBench({ events: 1 });
    const before = await deliver(bench, domains(2));
    const moved = bench.with(settings, '99999999-2222-3333-4444-555555555555');
    bench.later(1_000);
    const [first, second] = domains(2, { confidence: 95 }).map((item) => asHeld(item, before));
    if (first === undefined || second?.held === undefined) throw new Error('There are two.');
    expect(await deliver(bench, [first], moved)).toMatchObject({ accepted: [1] });
    expect(bench.server.tip.counts()).toMatchObject({ holds: 2, duplicates: 0, updates: 1 });
    const { id, indicator, held } = second;
    const ended = await moved.withdraw([{ id, key: indicator.key, held }], SIGNAL);
    expect(ended).toEqual({ withdrawn: [2], missing: [], unknown: [] });
    expect(statesIn(bench)['host1.example.com']).toBe('gone');
  },
);
