import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Fault } from '../../indicators/fault.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { takeUpSetAside } from '../../ledger/set-aside.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';
import { type GraphFaultsPatch, newHosts, startLookUps } from './look-ups.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** What was decided of each indicator of a window, by its value. */
async function decisions(windowId: number) {
  const rows = await ledger
    .selectFrom('batch_items')
    .innerJoin('indicators', 'indicators.id', 'batch_items.indicator_id')
    .select(['value', 'decision', 'reason'])
    .where('window_id', '=', windowId)
    .execute();
  return new Map(rows.map(({ value, decision, reason }) => [value, `${decision ?? 'none'}: ${reason ?? ''}`]));
}

async function listed(hosts: readonly string[]) {
  const rows = await ledger
    .selectFrom('set_aside')
    .innerJoin('indicators', 'indicators.id', 'set_aside.indicator_id')
    .select(['value', 'stage', 'set_aside.reason', 'due_at'])
    .where('value', 'in', hosts)
    .orderBy('value')
    .execute();
  return rows.map(({ value, stage, reason, due_at: dueAt }) => ({ value, stage, reason, dueAt }));
}

const kinds: readonly (readonly [string, NonNullable<GraphFaultsPatch['hosts']>[string], string])[] = [
  ['is a 500 of its own', 'fails', 'look-up-failed'],
  ['is the 500 of a missing licence', 'error-retrieving', 'look-up-failed'],
  ["is Tomcat's page", 'html-500', 'look-up-failed'],
  ['is not there', 'left-out', 'look-up-failed'],
  ['fails whatever request has it', 'fails-all', 'look-up-failed'],
  ['is that it is no host', 'declined', 'unreadable-reputation'],
  ['has whatever request has it declined', 'declines-all', 'unreadable-reputation'],
  ['cannot be read', 'unreadable', 'unreadable-reputation'],
  ['is a 403', 'forbidden', 'unreadable-reputation'],
  ['has no score', 'without-score', 'unreadable-reputation'],
];

describe.each(['batch', 'single'] as const)('by %s requests', (mode) => {
  test.each(kinds)(
    'a host whose answer always %s (%s) is set aside, and the rest is delivered',
    async (_, fault, reason) => {
      const [bad = '', ...others] = newHosts(mode === 'batch' ? 30 : 6);
      const lookUps = await startLookUps(ledger, { mode });
      lookUps.setFaults({ hosts: { [bad]: fault } });
      const begun = lookUps.clock.at.getTime();
      const windowId = await lookUps.bring([bad, ...others]);
      expect(await lookUps.scoreWithin(windowId, 10 * MINUTE_MS)).toMatchObject({ deliver: others.length, hold: 1 });
      const decided = await decisions(windowId);
      expect(decided.get(bad)).toBe(`hold: ${reason}`);
      expect(await listed([bad, ...others])).toEqual([
        {
          value: bad,
          stage: 'look-up',
          reason: expect.stringContaining('The reputation of its host'),
          dueAt: new Date(lookUps.clock.at.getTime() + DAY_MS),
        },
      ]);
      expect(JSON.stringify(await listed([bad])).split(bad)).toHaveLength(2);
      // Bounded: five tries, two requests each at most.
      expect(lookUps.clock.at.getTime() - begun).toBeLessThan(5 * MINUTE_MS);
      expect(lookUps.asked.filter((hosts) => hosts.includes(bad)).length).toBeLessThanOrEqual(10);
      // Nobody else pays for it: an answer for each of the others, and one for each try to see that others are answered; of the three
      // tries of what is refused, two.
      expect(lookUps.counts().lookUps).toBeLessThanOrEqual(others.length + 6);

      expect(await lookUps.finish(windowId)).toMatchObject({ confirmed: others.length, pending: 0 });
      expect(lookUps.counts()).toMatchObject({ holds: others.length, duplicates: 0 });
    },
  );
});

test('what was given up is not tried again by other batches, until a live run takes it up the next day', async () => {
  const [bad = '', one = '', two = ''] = newHosts(3);
  const lookUps = await startLookUps(ledger);
  lookUps.setFaults({ hosts: { [bad]: 'fails' } });
  const first = await lookUps.bring([bad, one]);
  await lookUps.scoreWithin(first, 10 * MINUTE_MS);
  await lookUps.finish(first);
  const before = lookUps.asked.length;

  const another = lookUps.another();
  const second = await lookUps.bring([bad, two], another);
  expect(await lookUps.score(second, another)).toMatchObject({ deliver: 1, hold: 1, lookedUp: 1 });
  expect(lookUps.asked.slice(before)).toEqual([[two]]);
  expect(await listed([bad])).toHaveLength(2);

  lookUps.setFaults({ hosts: {} });
  const early = await lookUps.bring([one]);
  await takeUpSetAside(ledger, early, new Date(lookUps.clock.at.getTime() + DAY_MS - 1));
  expect(await listed([bad])).toHaveLength(2);
  lookUps.clock.at = new Date(lookUps.clock.at.getTime() + DAY_MS);
  const late = await lookUps.bring(newHosts(1));
  await takeUpSetAside(ledger, late, lookUps.clock.at);
  await sql`update batch_items set batch = 1 where window_id = ${late}`.execute(ledger);
  expect(await lookUps.score(late)).toMatchObject({ deliver: 2, hold: 0 });
  expect((await decisions(late)).get(bad)).toBe('deliver: score-at-or-above-minimum');
  // That of the other pipeline is its own.
  expect(await listed([bad])).toHaveLength(1);
});

test('what is decided by whatever way is on the list no longer', async () => {
  const [bad = '', one = ''] = newHosts(2);
  const lookUps = await startLookUps(ledger);
  lookUps.setFaults({ hosts: { [bad]: 'declined' } });
  await lookUps.scoreWithin(await lookUps.bring([bad, one]), 10 * MINUTE_MS);
  expect(await listed([bad])).toHaveLength(1);
  lookUps.setFaults({ hosts: {} });
  lookUps.clock.at = new Date(lookUps.clock.at.getTime() + DAY_MS);
  const windowId = await lookUps.bring(newHosts(1));
  // As a redelivery brings it: it stays on the list until it is decided.
  await sql`insert into batch_items (window_id, indicator_id, change, batch)
    select ${windowId}::bigint, id, 'consequence', 1 from indicators where value = ${bad} and pipeline = ${lookUps.own.name}`.execute(
    ledger,
  );
  expect(await lookUps.score(windowId)).toMatchObject({ deliver: 2 });
  expect(await listed([bad])).toEqual([]);
});

describe('while nothing is answered, nothing is set aside', () => {
  const outages: readonly (readonly [string, GraphFaultsPatch])[] = [
    ['every request is a 503', { everyNth503: 1 }],
    ['every look-up is a 500', { everyNthInner500: 1 }],
    ["a proxy's page comes for all", { everyNthHtml: 1 }],
  ];
  test.each(outages)('%s', async (_, outage) => {
    const hosts = newHosts(45);
    const lookUps = await startLookUps(ledger);
    lookUps.setFaults(outage);
    const windowId = await lookUps.bring(hosts);
    for (let tries = 0; tries < 12; tries += 1) {
      const outcome = await lookUps.score(windowId);
      expect(outcome).toMatchObject({ kind: 'Unavailable' });
      lookUps.clock.at = new Date(lookUps.clock.at.getTime() + MINUTE_MS);
    }
    // Few calls each time: a service that is away is not asked for every host.
    expect(lookUps.asked.length).toBeLessThan(12 * 10);
    expect(await listed(hosts)).toEqual([]);
    lookUps.setFaults({ everyNth503: 0, everyNthInner500: 0, everyNthHtml: 0 });
    expect(await lookUps.score(windowId)).toMatchObject({ deliver: hosts.length });
    // As if nothing had been: in full batches.
    expect(
      lookUps.asked
        .slice(-3)
        .map((each) => each.length)
        .toSorted((a, b) => b - a),
    ).toEqual([20, 20, 5]);
  });

  test('an outage that begins when one bad host is all that is left', async () => {
    const [bad = '', ...others] = newHosts(4);
    const lookUps = await startLookUps(ledger);
    lookUps.setFaults({ hosts: { [bad]: 'fails' } });
    const windowId = await lookUps.bring([bad, ...others]);
    expect(await lookUps.score(windowId)).toMatchObject({ kind: 'Unavailable' });
    lookUps.setFaults({ everyNth503: 1 });
    for (let tries = 0; tries < 12; tries += 1) {
      lookUps.clock.at = new Date(lookUps.clock.at.getTime() + MINUTE_MS);
      expect(await lookUps.score(windowId)).toMatchObject({ kind: 'Unavailable' });
    }
    expect(await listed([bad])).toEqual([]);
  });

  test('what cannot be read whatever the host is a mistake of the settings, not of the hosts', async () => {
    const hosts = newHosts(3);
    const lookUps = await startLookUps(ledger);
    lookUps.setFaults({ unreadable: 1 });
    const windowId = await lookUps.bring(hosts);
    expect(await lookUps.scoreWithin(windowId, 10 * MINUTE_MS)).toMatchObject({
      kind: 'Refused',
      message: expect.stringContaining('mdti.endpoint'),
    });
    expect(await listed(hosts)).toEqual([]);
  });
});

describe.each(['batch', 'single'] as const)('the 500 of a missing licence, by %s requests', (mode) => {
  test('is none for a worker that has one bad host left to try, however often', async () => {
    const [bad = '', ...others] = newHosts(3);
    const lookUps = await startLookUps(ledger, { mode, licenceFailures: 2 });
    lookUps.setFaults({ hosts: { [bad]: 'error-retrieving' } });
    const windowId = await lookUps.bring([bad, ...others]);
    expect(await lookUps.scoreWithin(windowId, 10 * MINUTE_MS)).toMatchObject({ deliver: others.length, hold: 1 });
  });

  test('is none for several bad hosts one after another, of a worker that has met no other', async () => {
    const bad = newHosts(7);
    const lookUps = await startLookUps(ledger, { mode, licenceFailures: 2 });
    lookUps.setFaults({ hosts: Object.fromEntries(bad.map((host) => [host, 'error-retrieving'])) });
    const windowId = await lookUps.bring(bad);
    expect(await lookUps.scoreWithin(windowId, 10 * MINUTE_MS)).toMatchObject({ deliver: 0, hold: bad.length });
    expect(await listed(bad)).toHaveLength(bad.length);
  });

  test('is one within a handful of requests when nothing is answered, even for a lone host', async () => {
    const lookUps = await startLookUps(ledger, { mode });
    lookUps.setFaults({ licence: true });
    const hosts = newHosts(1);
    const windowId = await lookUps.bring(hosts);
    expect(await lookUps.scoreWithin(windowId, MINUTE_MS)).toMatchObject({
      kind: 'Refused',
      message: expect.stringContaining('licence'),
    });
    expect(lookUps.asked.length).toBeLessThan(10);
    expect(await listed(hosts)).toEqual([]);
    lookUps.setFaults({ licence: false });
    expect(await lookUps.score(windowId)).toMatchObject({ deliver: 1 });
  });
});

test('one host that is refused while others are answered does not block', async () => {
  const [bad = '', ...others] = newHosts(5);
  const lookUps = await startLookUps(ledger);
  lookUps.setFaults({ hosts: { [bad]: 'forbidden' } });
  const outcome = await lookUps.score(await lookUps.bring([bad, ...others]));
  expect(outcome).toMatchObject({ kind: 'Unavailable' });
  expect(outcome instanceof Fault ? outcome.message : '').toContain('1 hosts');
});

describe('a delivered host', () => {
  const lost: readonly (readonly [string, NonNullable<GraphFaultsPatch['hosts']>[string]])[] = [
    ['cannot be read', 'unreadable'],
    ['has no score', 'without-score'],
    ['is that it is no host', 'declined'],
    ['is a 500', 'fails'],
  ];
  test.each(lost)('is not withdrawn when the next answer %s', async (_, fault) => {
    const [bad = '', other = ''] = newHosts(2);
    const lookUps = await startLookUps(ledger);
    const first = await lookUps.bring([bad]);
    await lookUps.score(first);
    expect(await lookUps.finish(first)).toMatchObject({ confirmed: 1 });
    lookUps.clock.at = new Date(lookUps.clock.at.getTime() + 8 * DAY_MS);
    lookUps.setFaults({ hosts: { [bad]: fault } });
    const second = await lookUps.bring([other]);
    await sql`insert into batch_items (window_id, indicator_id, change, batch)
      select ${second}::bigint, id, 'consequence', 1 from indicators where value = ${bad}`.execute(ledger);
    expect(await lookUps.scoreWithin(second, 10 * MINUTE_MS)).toMatchObject({ hold: 1 });
    expect(await lookUps.finish(second)).toMatchObject({ retracted: 0, confirmed: 1, pending: 0 });
    expect(lookUps.counts()).toMatchObject({ holds: 2, withdrawn: 0 });
    expect(await listed([bad])).toHaveLength(1);
  });

  test('is withdrawn when MDTI says that it has no reputation any more', async () => {
    const [gone = ''] = newHosts(1);
    const lookUps = await startLookUps(ledger);
    const first = await lookUps.bring([gone]);
    await lookUps.score(first);
    expect(await lookUps.finish(first)).toMatchObject({ confirmed: 1 });
    lookUps.clock.at = new Date(lookUps.clock.at.getTime() + 8 * DAY_MS);
    lookUps.setFaults({ notFoundShare: 1 });
    const second = await lookUps.bring(newHosts(1));
    await sql`insert into batch_items (window_id, indicator_id, change, batch)
      select ${second}::bigint, id, 'consequence', 1 from indicators where value = ${gone}`.execute(ledger);
    await lookUps.score(second);
    expect(await lookUps.finish(second)).toMatchObject({ retracted: 1 });
    expect(lookUps.counts()).toMatchObject({ holds: 0 });
  });
});
