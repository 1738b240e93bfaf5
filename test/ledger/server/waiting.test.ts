import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { type LedgerDb, openLedger } from '../../../ledger/open-ledger.ts';
import { joinLine, takeTurn } from '../../../ledger/query-turns.ts';
import { recordSlice } from '../../../ledger/record-slice.ts';
import { planWindows } from '../../../ledger/windows.ts';
import { ownDatabase } from '../../postgresql/own-database.ts';
import { observation } from '../observation.ts';
import { RUN } from '../run.ts';

const NOW = new Date('2026-11-24T12:00:00Z');

/** Workers with two connections each, on one database. */
async function workers(count: number): Promise<readonly LedgerDb[]> {
  const url = await ownDatabase();
  const opened: LedgerDb[] = [];
  for (let each = 0; each < count; each += 1) opened.push(await openLedger({ url, connections: 2 }));
  onTestFinished(async () => void (await Promise.all(opened.map((ledger) => ledger.destroy()))));
  return opened;
}

function plan(ledger: LedgerDb) {
  const span = { from: '2026-11-01T00:00:00Z', to: '2026-11-02T00:00:00Z' };
  const request = { pipeline: 'p', kind: 'live', owner: RUN, span, windowMs: 86_400_000, overlapMs: 0 } as const;
  return planWindows(ledger, { ...request, limit: 1, now: NOW });
}

async function recording(ledger: LedgerDb): Promise<(slice: string) => Promise<unknown>> {
  const { windows } = await plan(ledger);
  return (slice) => record(ledger, windows[0]?.id ?? 0, slice);
}

const record = (ledger: LedgerDb, windowId: number, slice: string): Promise<unknown> =>
  recordSlice(ledger, {
    pipeline: 'p',
    windowId,
    slice,
    observations: [observation(`${slice}.example.com`)],
    malformed: [],
    exclude: () => null,
    now: NOW,
  });

/** As another worker that is at a task of the ledger, until it is told to end. */
async function atWork(ledger: LedgerDb, task: string): Promise<() => Promise<void>> {
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  let begin = (): void => undefined;
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const working = ledger.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(hashtext(${task}))`.execute(tx);
    begin();
    await ended;
  });
  await begun;
  const over = async (): Promise<void> => {
    end();
    await working;
  };
  onTestFinished(over);
  return over;
}

const inLine = async (ledger: LedgerDb, task: string): Promise<number> =>
  (await sql`select id from query_turns where api = ${task}`.execute(ledger)).rows.length;

test.each([
  ['slices', 'slices of p', async (ledger: LedgerDb) => recording(ledger)],
  ['plans', 'windows of p', async (ledger: LedgerDb) => () => plan(ledger)],
])('%s that wait for another worker take no connections from others', async (_, task, prepare) => {
  const [one, two] = await workers(2);
  if (one === undefined || two === undefined) throw new Error('There are two.');
  const work = await prepare(one);
  const end = await atWork(two, task);
  const waiting = Promise.all(Array.from({ length: 12 }, (_each, index) => work(`s${index}`)));
  await expect.poll(() => inLine(two, task)).toBe(1);
  // Two of them, if they held one each, would have all that there are.
  await one.transaction().execute(async (tx) => {
    await sql`select 1`.execute(tx);
    await sql`select 1`.execute(tx);
  });
  await end();
  expect(await waiting).toHaveLength(12);
  expect(await inLine(two, task)).toBe(0);
});

test('a worker with many slices lets the one of another worker come in between', async () => {
  const [one, two, three] = await workers(3);
  if (one === undefined || two === undefined || three === undefined) throw new Error('There are three.');
  const { windows } = await plan(one);
  const windowId = windows[0]?.id ?? 0;
  const end = await atWork(three, 'slices of p');
  const done: string[] = [];
  const many = Array.from({ length: 6 }, async (_, index) => {
    await record(one, windowId, `many${index}`);
    done.push('many');
  });
  await expect.poll(() => inLine(three, 'slices of p')).toBe(1);
  const lone = record(two, windowId, 'lone').then(() => done.push('lone'));
  await expect.poll(() => inLine(three, 'slices of p')).toBe(2);
  await end();
  await Promise.all([...many, lone]);
  expect(done.indexOf('lone')).toBe(1);
});

test('a slice that fails holds up none of those behind it', async () => {
  const [one] = await workers(1);
  if (one === undefined) throw new Error('There is one.');
  const work = await recording(one);
  const unknown = record(one, 10_000, 'of no window');
  const others = Promise.all(['a', 'b'].map(work));
  await expect(unknown).rejects.toThrow();
  expect(await others).toHaveLength(2);
});

test('those that wait for a query’s turn take no connection while another one looks', async () => {
  const [one, two] = await workers(2);
  if (one === undefined || two === undefined) throw new Error('There are two.');
  const turn = await joinLine(one, 'API', false);
  const end = await atWork(two, 'query_turns API');
  expect(await takeTurn(one, turn, 1)).toBe(false);
  await end();
  expect(await takeTurn(one, turn, 1)).toBe(true);
});
