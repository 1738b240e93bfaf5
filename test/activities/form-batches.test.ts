import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { formBatches } from '../../activities/form-batches.ts';
import { recordSlice } from '../../ledger/record-slice.ts';
import { planWindows } from '../../ledger/windows.ts';
import { observation } from '../ledger/observation.ts';
import { RUN } from '../ledger/run.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';
import { partsWith } from './parts.ts';

const NOW = new Date('2026-11-24T12:00:00Z');

test('the planner knows how large the tables are before a window is put into batches', async () => {
  const { ledger, close } = await openTestLedger();
  onTestFinished(close);
  const span = { from: '2026-11-01T00:00:00Z', to: '2026-11-01T01:00:00Z' };
  const request = {
    pipeline: 'p',
    kind: 'live',
    owner: RUN,
    span,
    windowMs: 3_600_000,
    overlapMs: 0,
    limit: 1,
    now: NOW,
  } as const;
  const [window] = (await planWindows(ledger, request)).windows;
  if (window === undefined) throw new Error('No window was planned.');
  await recordSlice(ledger, {
    pipeline: 'p',
    windowId: window.id,
    slice: '0/1',
    observations: Array.from({ length: 250 }, (_, index) => observation(`${index}.example.com`)),
    malformed: [],
    exclude: () => null,
    now: NOW,
  });

  const parts = partsWith(ledger, { name: 'p', batchSize: 100 });
  const input = { pipeline: 'p', windowId: window.id, after: 0, limit: 10 };
  expect((await formBatches(parts, input)).batches).toBe(3);

  const { rows } = await sql<{ name: string; items: number }>`select relname as name, reltuples::int as items
    from pg_class where oid in ('batch_items'::regclass, 'indicators'::regclass) order by 1`.execute(ledger);
  expect(rows).toEqual([
    { name: 'batch_items', items: 250 },
    { name: 'indicators', items: 250 },
  ]);
});
