import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { Fault } from '../../indicators/fault.ts';
import { failedLookUps, recordFailedLookUps } from '../../ledger/look-up-failures.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { claimHosts, saveReputations } from '../../ledger/reputations.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';
import { newHosts, startLookUps } from './look-ups.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());
afterEach(() => {
  vi.useRealTimers();
});

/** At one host a second, several times as long as a lease. */
test('two pipelines with the same hosts, which the budget lets pass slowly, look each of them up once', async () => {
  const hosts = newHosts(500);
  const lookUps = await startLookUps(ledger, { concurrency: 2 });
  // The budget that both share: a request waits until its hosts' seconds have come, or is told that that is too far away.
  let next = lookUps.clock.at.getTime();
  lookUps.gate.turn = async (requests) => {
    const at = lookUps.clock.at.getTime();
    if (next - at > 20_000) throw new Fault('Throttled', 'The budget is spent.', { retryAfterMs: next - at - 20_000 });
    lookUps.clock.at = new Date(Math.max(at, next));
    next = Math.max(at, next) + requests * 1_000;
  };
  const another = lookUps.another();
  const first = await lookUps.bring(hosts);
  const second = await lookUps.bring(hosts, another);
  const byDone = new Map([
    [first, false],
    [second, false],
  ]);
  while ([...byDone.values()].includes(false)) {
    const outcomes = await Promise.all([lookUps.score(first), lookUps.score(second, another)]);
    for (const [index, windowId] of [first, second].entries())
      byDone.set(windowId, !(outcomes[index] instanceof Fault));
    lookUps.clock.at = new Date(lookUps.clock.at.getTime() + 1_000);
  }
  const asked = lookUps.asked.flat();
  expect(asked).toHaveLength(hosts.length);
  expect(new Set(asked).size).toBe(hosts.length);
  expect(lookUps.counts().lookUps).toBe(hosts.length);
});

test('hosts that wait for their turn are free for others meanwhile', async () => {
  const hosts = newHosts(60);
  const lookUps = await startLookUps(ledger, { concurrency: 1 });
  let open = (): void => undefined;
  let arrive = (): void => undefined;
  const atTheGate = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  lookUps.gate.turn = () => {
    arrive();
    return new Promise<void>((resolve) => {
      open = resolve;
    });
  };
  const slow = lookUps.score(await lookUps.bring(hosts));
  await atTheGate;
  lookUps.gate.turn = async () => undefined;
  const another = lookUps.another();
  // All but the twenty that the first one is asking for.
  expect(await lookUps.score(await lookUps.bring(hosts, another), another)).toMatchObject({
    kind: 'Throttled',
    message: expect.stringContaining('20 hosts'),
  });
  open();
  expect(await slow).toMatchObject({ deliver: 60, lookedUp: 20 });
  expect(lookUps.counts().lookUps).toBe(60);
});

test('the lease of hosts is renewed while their look-up is under way, and ends with its worker', async () => {
  const hosts = newHosts(3);
  const lookUps = await startLookUps(ledger);
  let open = (): void => undefined;
  let arrive = (): void => undefined;
  const atTheGate = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  lookUps.gate.turn = () => {
    arrive();
    return new Promise<void>((resolve) => {
      open = resolve;
    });
  };
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const slow = lookUps.score(await lookUps.bring(hosts));
  await atTheGate;
  const at = lookUps.clock.at.getTime();
  lookUps.clock.at = new Date(at + 100_000);
  await vi.advanceTimersByTimeAsync(31_000);
  const leases = () => ledger.selectFrom('reputations').select('leased_until').where('host', 'in', hosts).execute();
  await expect
    .poll(async () => (await leases()).map((row) => row.leased_until?.getTime()))
    .toEqual(hosts.map(() => at + 220_000));
  const claim = (now: number) => claimHosts(ledger, hosts, 'another', 1_000, new Date(now));
  expect(await claim(at + 150_000)).toEqual([]);
  // Nobody renews it any more: as when the worker died there.
  expect(await claim(at + 221_000)).toHaveLength(3);
  open();
  expect(await slow).toMatchObject({ deliver: 3 });
});

test('a host that another batch has just failed at is not taken before its next try is due', async () => {
  const [host = ''] = newHosts(1);
  const at = new Date('2026-11-24T12:00:00Z');
  const due = new Date(at.getTime() + 1_000);
  expect(await claimHosts(ledger, [host], 'one', 60_000, at)).toEqual([host]);
  const failed = { host, failures: 1, tryAt: due, givenUp: null, failure: 'It answered 500.' };
  await recordFailedLookUps(ledger, [failed], 'two');
  expect(await failedLookUps(ledger, [host], at)).toEqual(new Map());
  await recordFailedLookUps(ledger, [failed], 'one');
  expect(await claimHosts(ledger, [host], 'two', 60_000, at)).toEqual([]);
  expect(await claimHosts(ledger, [host], 'two', 60_000, due)).toEqual([host]);
  await saveReputations(ledger, [{ host, reputation: { kind: 'none' }, expiresAt: due }], at);
  expect(await failedLookUps(ledger, [host], at)).toEqual(new Map());
});

test('a host is not left alone for a day since the clock of a worker was a day ahead', async () => {
  const hosts = newHosts(3);
  const [leased = '', failing = '', givenUp = ''] = hosts;
  const now = new Date('2026-11-24T12:00:00Z');
  const ahead = new Date(now.getTime() + 86_400_000);
  const late = (ms: number): Date => new Date(ahead.getTime() + ms);
  await claimHosts(ledger, hosts, 'ahead', 120_000, ahead);
  const failed = { failures: 1, givenUp: null, failure: 'It answered 500.' };
  const last = { failures: 5, givenUp: 'look-up-failed', failure: 'It answered 500.' } as const;
  await recordFailedLookUps(
    ledger,
    [
      { ...failed, host: failing, tryAt: late(1_000) },
      { ...last, host: givenUp, tryAt: late(86_400_000) },
    ],
    'ahead',
  );
  const seen = await failedLookUps(ledger, hosts, now);
  expect(new Map([...seen].map(([host, { tryAt }]) => [host, tryAt]))).toEqual(
    new Map([
      [failing, now],
      [givenUp, now],
    ]),
  );
  expect(new Set(await claimHosts(ledger, hosts, 'right', 120_000, now))).toEqual(new Set([leased, failing, givenUp]));
});

test('a host that is set aside until tomorrow is left alone until then', async () => {
  const [host = ''] = newHosts(1);
  const now = new Date('2026-11-24T12:00:00Z');
  const tryAt = new Date(now.getTime() + 86_400_000);
  await claimHosts(ledger, [host], 'one', 120_000, now);
  const failed = { host, failures: 5, tryAt, givenUp: 'look-up-failed', failure: 'It answered 500.' } as const;
  await recordFailedLookUps(ledger, [failed], 'one');
  expect((await failedLookUps(ledger, [host], now)).get(host)?.tryAt).toEqual(tryAt);
  expect(await claimHosts(ledger, [host], 'two', 120_000, now)).toEqual([]);
});
