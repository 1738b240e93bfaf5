import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { Client } from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { formBatches } from '../../../activities/form-batches.ts';
import { plan } from '../../../activities/plan.ts';
import { openLedger } from '../../../ledger/open-ledger.ts';
import { recordSlice } from '../../../ledger/record-slice.ts';
import { partsWith } from '../../activities/parts.ts';
import { asSuperuser } from '../../postgresql/database.ts';
import { ownDatabase } from '../../postgresql/own-database.ts';
import { observation } from '../observation.ts';
import { RUN } from '../run.ts';

const DAY = 86_400_000;

test('housekeeping that takes too long is left out, which the log says, and fails no step', async () => {
  const url = await ownDatabase();
  await (await openLedger({ url })).destroy();
  await asSuperuser(
    url,
    'create table crowded (id integer primary key, at integer) with (autovacuum_enabled = off)',
    'insert into crowded select g, 0 from generate_series(1, 4000) g',
    'update crowded set at = 1',
    'select pg_stat_force_next_flush()',
  );
  // Neither of the two can begin: an index is held that the one wants, and a table that the other one wants.
  const holder = new Client({ connectionString: url });
  await holder.connect();
  onTestFinished(() => holder.end());
  await holder.query(
    'begin; alter index crowded_pkey set tablespace pg_default; lock table reputations in share update exclusive mode',
  );
  const ledger = await openLedger({ url, statementTimeoutMs: 5_000 });
  onTestFinished(() => ledger.destroy());

  const said: unknown[] = [];
  const logger = new DefaultLogger('WARN', ({ message, meta }) => {
    said.push([message, String(meta?.['error'])]);
  });
  const step = <T>(work: () => Promise<T>): Promise<T> => new MockActivityEnvironment({}, { logger }).run(work);
  const since = new Date('2026-11-20T00:00:00Z');
  const parts = partsWith(ledger, { name: 'p', since: () => since, windowMs: DAY, warnAfterEmptyWindows: 10 });
  const owned = { pipeline: 'p', owner: RUN };
  const { windows } = await step(() => plan(parts, { ...owned, kind: 'live', limit: 2 }));
  expect(windows).toHaveLength(2);
  const late = 'Error: The ledger at .* did not finish a statement within ledger.statementTimeout.';
  expect(said).toEqual([
    [
      'housekeeping of the ledger was left out this time: the removal of dead rows',
      expect.stringMatching(late.replace('Error', '\\w+')),
    ],
  ]);

  said.length = 0;
  const windowId = windows[0]?.id ?? 0;
  const observations = [observation('a.example.com')];
  const read = { pipeline: 'p', windowId, slice: '0/1', observations, malformed: [], exclude: () => null };
  await recordSlice(ledger, { ...read, now: new Date() });
  const formed = await step(() => formBatches(parts, { pipeline: 'p', windowId, after: 0, limit: 10 }));
  expect(formed).toMatchObject({ batches: 1, open: [{ batch: 1, items: 1 }] });
  expect(said).toEqual([
    ['housekeeping of the ledger was left out this time: new statistics of the tables', expect.any(String)],
  ]);
});
