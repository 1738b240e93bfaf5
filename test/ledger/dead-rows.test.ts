import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { removeDeadRows } from '../../ledger/dead-rows.ts';
import { recordSlice } from '../../ledger/record-slice.ts';
import { refreshStatistics } from '../../ledger/statistics.ts';
import { planWindows } from '../../ledger/windows.ts';
import { observation } from './observation.ts';
import { RUN } from './run.ts';
import { openTestLedger } from './test-ledger.ts';

const NOW = new Date('2026-12-24T12:00:00Z');
const INDICATORS = 4_000;
const ROUNDS = 16;

test('a source that is republished again and again does not make the ledger grow', async () => {
  const { ledger, close } = await openTestLedger();
  onTestFinished(close);
  const { windows } = await planWindows(ledger, {
    pipeline: 'p',
    kind: 'live',
    owner: RUN,
    span: { from: '2026-11-01T00:00:00Z', to: new Date(Date.UTC(2026, 10, 1 + ROUNDS)).toISOString() },
    windowMs: 86_400_000,
    overlapMs: 0,
    limit: ROUNDS,
    now: NOW,
  });
  const sizes: number[] = [];
  for (const { id, from } of windows) {
    const observations = Array.from({ length: INDICATORS }, (_, index) =>
      observation(`${index}.example.com`, { time: from }),
    );
    const slice = { pipeline: 'p', windowId: id, slice: '0/1', malformed: [], exclude: () => null, now: NOW };
    await recordSlice(ledger, { ...slice, observations });
    await refreshStatistics(ledger);
    // What was written counts for the statistics after a second at the latest; here it counts at once.
    await sql`select pg_stat_force_next_flush()`.execute(ledger);
    await removeDeadRows(ledger);
    const { rows } = await sql<{ bytes: number }>`
      select sum(pg_total_relation_size(relid))::int as bytes from pg_stat_user_tables`.execute(ledger);
    sizes.push(rows[0]?.bytes ?? 0);
  }
  expect(sizes).toHaveLength(ROUNDS);
  expect(sizes.at(-1)).toBeLessThan(1.2 * (sizes[ROUNDS / 2] ?? 0));
  expect(sizes.at(-1)).toBeLessThan(3 * (sizes[0] ?? 0));
});
