import { describe, expect, it } from 'vitest';
import type { Held } from '../../destinations/destination.ts';
import { send } from '../../destinations/send.ts';
import {
  asHeld,
  askedOf,
  deliver,
  type MispBench,
  SIGNAL,
  shipmentsOf,
  startMispBench,
  statesIn,
} from './misp-bench.ts';
import { deliverable, domains } from './threatstream-indicators.ts';
import { withdraw } from './withdraw.ts';

const value = (index: number): string => `host${index}.example.com`;
const named = (count: number) => Array.from({ length: count }, (_, index) => ({ id: index + 1, value: value(index) }));

describe.each(['toIds', 'delete'] as const)('withdrawn by %s', (how) => {
  it('is off there, many at a time, and once', async () => {
    const bench = await startMispBench({ events: 2, withdraw: how });
    await deliver(bench, domains(20));
    bench.later(1_000);
    const since = bench.requests.length;
    expect(await withdraw(bench.misp, named(15), SIGNAL)).toMatchObject({ missing: [], unknown: [] });
    expect(askedOf(bench, since)).toEqual([
      'POST attributes/restSearch',
      'POST events/edit',
      'POST events/edit',
      'POST attributes/restSearch',
    ]);
    expect(bench.server.tip.counts()).toMatchObject({ holds: 5, withdrawn: 15 });
    const again = bench.requests.length;
    const { withdrawn } = await withdraw(bench.misp, named(15), SIGNAL);
    expect(withdrawn).toHaveLength(15);
    expect(askedOf(bench, again)).toEqual(['POST attributes/restSearch']);
  });

  it.each([
    ['by an edit', { restoresByEdit: true }],
    ['by restoring alone', { restoresByEdit: false }],
    ['by restoring, with uuids or without', { restoresByEdit: false, restoresByUuid: true }],
    ['where deleting blanks', { sanitisesDeleted: true }],
    ['where what is deleted is not found', { deletedIsFound: false }],
    ['where what is deleted is blank and not found', { deletedIsFound: false, sanitisesDeleted: true }],
    ['where deleting blanks, by restoring alone', { sanitisesDeleted: true, restoresByEdit: false }],
  ])('comes back as it is to be then, %s', async (_what, faults) => {
    const bench = await startMispBench({ events: 1, withdraw: how }, faults);
    const before = await deliver(bench, domains(2, { tags: ['of-before'] }));
    bench.later(1_000);
    await withdraw(bench.misp, named(2), SIGNAL);
    bench.later(1_000);
    const items = domains(2, { tags: ['of-now'], confidence: 95 }).map((item) => asHeld(item, before, WITHDRAWN));
    expect(await deliver(bench, items)).toMatchObject({ accepted: [1, 2], rejected: [], unknown: [], notes: [''] });
    expect(statesIn(bench)).toEqual({ [value(0)]: 'held', [value(1)]: 'held' });
    expect(tagsIn(bench)).not.toContain('of-before');
    expect(bench.server.tip.counts()).toMatchObject({ holds: 2, duplicates: 0 });
  });

  it('comes back also where the ledger knows nothing of it', async () => {
    const bench = await startMispBench({ events: 1, withdraw: how });
    await deliver(bench, domains(1));
    bench.later(1_000);
    await withdraw(bench.misp, named(1), SIGNAL);
    bench.later(1_000);
    expect(await deliver(bench, domains(1))).toMatchObject({ accepted: [1] });
    expect(bench.server.tip.counts()).toMatchObject({ holds: 1 });
  });
});

const WITHDRAWN: Partial<Held> = { withdrawn: 'yes' };

it('has a sentence where nothing takes a deletion back', async () => {
  const faults = { restoresByEdit: false, role: { modifiesOrganisation: false } };
  const bench = await startMispBench({ events: 1, withdraw: 'delete' }, faults);
  const before = await deliver(bench, domains(1));
  bench.later(1_000);
  await withdraw(bench.misp, named(1), SIGNAL);
  bench.later(1_000);
  const items = domains(1).map((item) => asHeld(item, before, { ...WITHDRAWN, form: null }));
  expect(await deliver(bench, items)).toMatchObject({
    accepted: [],
    unknown: [{ id: 1, reason: 'it is deleted at MISP, which did not take that back', isAbsent: true }],
  });
});

it('touches nothing but what it is to withdraw, also when much is asked side by side', async () => {
  const bench = await startMispBench({ events: 1 });
  await deliver(bench, domains(4));
  bench.later(1_000);
  const [stays] = shipmentsOf(bench.misp, domains(4).slice(2));
  const receipt = { sentAt: bench.clock.at.toISOString() };
  await Promise.all([
    withdraw(bench.misp, named(2), SIGNAL),
    bench.misp.confirm(stays ?? { name: '', items: [] }, receipt, SIGNAL),
  ]);
  expect(Object.values(statesIn(bench))).toEqual(['gone', 'gone', 'held', 'held']);
});

it('knows what is not there, what may come yet, and what did not go', async () => {
  const bench = await startMispBench({ events: 1 });
  await deliver(bench, domains(1));
  bench.later(1_000);
  expect(await withdraw(bench.misp, [{ id: 7, value: 'never.example.com' }], SIGNAL)).toMatchObject({ missing: [7] });
  const unsure = { sentAt: bench.clock.at.toISOString() };
  const late = [...named(1), { id: 7, value: 'late.example.com', unsure }];
  await expect(withdraw(bench.misp, late, SIGNAL)).rejects.toMatchObject({
    kind: 'Throttled',
    isOurs: true,
    retryAfterMs: 120_000,
  });
  bench.later(120_000);
  expect(await withdraw(bench.misp, late, SIGNAL)).toMatchObject({ withdrawn: [1], missing: [7] });
});

it('believes no acknowledgement of a withdrawal', async () => {
  const bench = await startMispBench({ events: 1 });
  await deliver(bench, domains(1));
  bench.later(1_000);
  bench.answers.to = ({ url }) => (url.includes('events/edit') ? { status: 200, headers: {}, text: '{}' } : null);
  expect(await withdraw(bench.misp, named(1), SIGNAL)).toMatchObject({
    withdrawn: [],
    unknown: [{ id: 1, reason: expect.stringContaining('still for detection there') }],
  });
});

it('leaves what is another organisation’s now', async () => {
  const bench = await startMispBench({ events: 1 });
  await deliver(bench, domains(1));
  const event = shipmentsOf(bench.misp, domains(1))[0]?.items[0]?.form['event'];
  bench.server.setFaults({ foreignEvents: [event] });
  await expect(withdraw(bench.misp, named(1), SIGNAL)).rejects.toMatchObject({ kind: 'Refused' });
});

describe('publishing', () => {
  const published = (bench: MispBench, since = 0): number =>
    askedOf(bench, since).filter((one) => one === 'POST events/publish').length;

  it('is left to people, unless the settings say it', async () => {
    const bench = await startMispBench({ events: 1 });
    await deliver(bench, domains(3));
    await withdraw(bench.misp, named(1), SIGNAL);
    expect(published(bench)).toBe(0);
  });

  it.each(['running', 'stuck', 'none'])(
    'is asked for once for each event that changed (workers: %s)',
    async (workers) => {
      const bench = await startMispBench({ events: 2, publish: 'afterBatch' }, { workers });
      const before = await deliver(bench, domains(20));
      expect(published(bench)).toBe(2);
      bench.later(1_000);
      const since = bench.requests.length;
      const first = domains(1, { confidence: 95 }).map((item) => asHeld(item, before));
      await deliver(bench, first);
      expect(published(bench, since)).toBe(1);
      bench.later(1_000);
      const later = bench.requests.length;
      await withdraw(bench.misp, named(20), SIGNAL);
      expect(published(bench, later)).toBe(2);
    },
  );

  it('is asked for once by all that are looked at side by side', async () => {
    const bench = await startMispBench({ events: 1, publish: 'afterBatch', maxObjects: 2 });
    await deliver(bench, domains(1));
    bench.later(1_000);
    const shipments = shipmentsOf(bench.misp, domains(7).slice(1));
    const receipts = await Promise.all(shipments.map((shipment) => send(bench.misp, shipment, SIGNAL)));
    bench.answers.to = ({ url }) => (url.includes('publish') ? { status: 502, headers: {}, text: '' } : null);
    const settleAll = () =>
      Promise.allSettled(shipments.map((shipment, at) => bench.misp.confirm(shipment, receipts[at] ?? {}, SIGNAL)));
    expect((await settleAll()).map(({ status }) => status)).toContain('rejected');
    delete bench.answers.to;
    const since = bench.requests.length;
    await settleAll();
    expect(published(bench, since)).toBe(1);
  });

  it('is not asked for again when nothing has changed', async () => {
    const bench = await startMispBench({ events: 1, publish: 'afterBatch' });
    await deliver(bench, domains(3));
    bench.later(1_000);
    await bench.server.tip.handle({
      method: 'POST',
      path: '/events/publish/1',
      query: new URLSearchParams(),
      headers: bench.requests[0]?.headers ?? {},
      body: '',
    });
    const since = bench.requests.length;
    await deliver(bench, [...domains(3), deliverable(9, 'domain', 'no-dot')]);
    await withdraw(bench.misp, [{ id: 77, value: 'never.example.com' }], SIGNAL);
    expect(published(bench, since)).toBe(0);
  });
});

function tagsIn({ server }: MispBench): readonly string[] {
  const saved: {
    readonly attributes: readonly { readonly tags: readonly { readonly id: number }[] }[];
    readonly tags: readonly { readonly id: number; readonly name: string }[];
  } = JSON.parse(JSON.stringify(server.tip.snapshot()));
  const used = new Set(saved.attributes.flatMap(({ tags }) => tags.map(({ id }) => id)));
  return saved.tags.filter(({ id }) => used.has(id)).map(({ name }) => name);
}
