import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { confirm } from '../../activities/confirm.ts';
import { deliver } from '../../activities/deliver.ts';
import type { MispSettings } from '../../destinations/misp/misp-settings.ts';
import { Fault } from '../../indicators/fault.ts';
import type { Observation } from '../../indicators/indicator.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { partsWith } from '../activities/parts.ts';
import { askedOf, startMispBench, statesIn } from '../destinations/misp-bench.ts';
import { decideWindow, readWindow } from '../ledger/decided-window.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';
import { edited } from './delivery.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

const SILENT = new DefaultLogger('ERROR', () => undefined);
const HOST = 'a.example.com';
const REVOKED = { ended: 'revoked' } as const;
/** More than any story takes. */
const MOST_TRIES = 60;

let pipelines = 0;
async function start(settings: Partial<MispSettings> = {}, faults: Record<string, unknown> = {}) {
  const bench = await startMispBench({ events: 2, ...settings }, faults);
  pipelines += 1;
  const name = `misp${pipelines}`;
  const parts = partsWith(ledger, { name, destination: bench.misp }, { now: () => bench.clock.at });
  let last = 0;
  /** As the engine does, without its pauses; a step that needs a person gives its fault. */
  const step = async (act: typeof deliver | typeof confirm, windowId: number): Promise<Fault | null> => {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      try {
        const environment = new MockActivityEnvironment({}, { logger: SILENT });
        await environment.run(async () => act(parts, { pipeline: name, windowId, batch: 1 }));
        return null;
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        if (error.kind !== 'Throttled' && error.kind !== 'Unavailable') return error;
        bench.later(Math.max(error.retryAfterMs ?? 0, 5 * 60_000));
      }
    }
    throw new Error('It does not end.');
  };
  return {
    bench,
    counts: () => bench.server.tip.counts(),
    /** Goes on with what was brought last. */
    resume: async () => (await step(deliver, last)) ?? (await step(confirm, last)),
    bring: async (...rows: readonly Observation[]): Promise<Fault | null> => {
      bench.later(60_000);
      last = await readWindow(ledger, name, rows, bench.clock.at);
      await decideWindow(ledger, last);
      return (await step(deliver, last)) ?? step(confirm, last);
    },
    standing: async () => {
      const { rows } = await sql<{ value: string; state: string; reason: string | null }>`
        select i.value, d.state, coalesce(s.reason, d.reason) as reason from deliveries d
        join indicators i on i.id = d.indicator_id left join set_aside s on s.indicator_id = i.id
        where i.pipeline = ${name} order by i.value`.execute(ledger);
      return Object.fromEntries(rows.map(({ value, state, reason }) => [value, [state, reason]]));
    },
  };
}

const many = (count: number, edit: number, facts: Parameters<typeof edited>[1] = {}): Observation[] =>
  Array.from({ length: count }, (_, index) => edited(edit, facts, `host${index}.example.com`));

test.each(['toIds', 'delete'] as const)(
  'brings, does not send again, changes, withdraws by %s, brings back',
  async (how) => {
    const { bench, bring, counts, standing } = await start({ withdraw: how });
    expect(await bring(edited(1, { tags: ['of-before'] }), ...many(5, 1))).toBeNull();
    expect(counts()).toMatchObject({ holds: 6, updates: 0 });
    const since = bench.requests.length;
    await bring(edited(2, { tags: ['of-before'] }));
    expect(askedOf(bench, since)).toEqual([]);
    await bring(edited(3, { tags: ['of-now'] }));
    expect(counts()).toMatchObject({ holds: 6, updates: 1 });
    await bring(edited(4, REVOKED));
    expect(statesIn(bench)[HOST]).toBe('gone');
    expect(counts()).toMatchObject({ holds: 5, withdrawn: 1 });
    expect(await bring(edited(5, { tags: ['once-more'] }))).toBeNull();
    expect(counts()).toMatchObject({ holds: 6, duplicates: 0 });
    expect((await standing())[HOST]).toEqual(['confirmed', expect.anything()]);
  },
);

test.each(['lost', 'taken'])(
  'sends what is too much for one request in parts (what was too much is %s)',
  async (tooManyAre) => {
    const { bring, counts } = await start({ events: 1 }, { mostAttributes: 3, tooManyAre });
    expect(await bring(...many(20, 1))).toBeNull();
    expect(counts()).toMatchObject({ holds: 20, duplicates: 0 });
    expect(await bring(...many(20, 2, { confidence: 95 }))).toBeNull();
    expect(counts()).toMatchObject({ holds: 20, duplicates: 0, updates: 20 });
    expect(await bring(...many(20, 3, REVOKED))).toBeNull();
    expect(counts()).toMatchObject({ holds: 0, withdrawn: 20 });
  },
);

test('sets aside the one at which MISP fails, and has the others', async () => {
  const { bring, standing } = await start({ events: 1 }, { broken: ['host2.example.com'] });
  expect(await bring(...many(4, 1))).toBeNull();
  expect(await standing()).toMatchObject({
    'host0.example.com': ['confirmed', expect.anything()],
    'host1.example.com': ['confirmed', expect.anything()],
    'host2.example.com': ['set-aside', expect.anything()],
    'host3.example.com': ['confirmed', expect.anything()],
  });
});

test('rejects those that a warninglist has, and does not take that for a fault of the settings', async () => {
  const listed = many(4, 1).map(({ key }) => key.value);
  const warninglists = { 'Top 1000': listed };
  const { bring, standing } = await start({ events: 64, enforceWarninglist: true }, { warninglists });
  expect(await bring(edited(1), ...many(4, 1))).toBeNull();
  const states = await standing();
  for (const value of listed) expect(states[value]).toEqual(['rejected', 'it is in a warninglist of MISP: Top 1000']);
  expect(states[HOST]?.[0]).toBe('confirmed');
});

test('is blocked by what the role may not, and goes on when it may', async () => {
  const { bench, bring, resume, standing, counts } = await start({}, { role: { tags: false } });
  expect(await bring(edited(1))).toMatchObject({ kind: 'Refused', message: expect.stringContaining('perm_tagger') });
  bench.server.setFaults({ role: {} });
  expect(await resume()).toBeNull();
  expect((await standing())[HOST]?.[0]).toBe('confirmed');
  expect(counts()).toMatchObject({ holds: 1, duplicates: 0 });
});

test('leaves off what a person has taken out of detection', async () => {
  const { bench, bring, standing } = await start();
  await bring(edited(1));
  const { headers = {} } = bench.requests[0] ?? {};
  const body = JSON.stringify({ to_ids: 0 });
  await bench.server.tip.handle({
    method: 'POST',
    path: '/attributes/edit/1',
    query: new URLSearchParams(),
    headers,
    body,
  });
  await bring(edited(2, { confidence: 95 }));
  expect(statesIn(bench)[HOST]).toBe('gone');
  expect((await standing())[HOST]).toEqual(['rejected', expect.stringContaining('a person has deleted it at MISP')]);
  const since = bench.requests.length;
  await bring(edited(3, { confidence: 90 }));
  expect(askedOf(bench, since)).toEqual([]);
});
