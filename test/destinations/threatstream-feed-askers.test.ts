import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from 'vitest';
import { send as sendTo } from '../../destinations/send.ts';
import { host, showingChanges, WAITING } from './shown-changes.ts';
import { deliverable } from './threatstream-indicators.ts';
import { SIGNAL, settle, shipmentsOf, startBench } from './threatstream-sandbox.ts';

describe('what has changed, for all that ask', () => {
  it('is read once for all that ask side by side, and then only what is new', async () => {
    const bench = await startBench('bypass', { maxObjects: 100 }, { polls: 5 });
    const { threatstream, requests } = bench;
    const bringAndSettle = async (first: number): Promise<number> => {
      const before = requests.length;
      const items = Array.from({ length: 500 }, (_, at) =>
        deliverable(first + at, 'domain', `h${first + at}.example.com`),
      );
      const sent = await Promise.all(
        shipmentsOf(threatstream, items, `${first}`).map(async (one) => ({
          shipment: one,
          receipt: await sendTo(threatstream, one, SIGNAL),
        })),
      );
      const settled = await Promise.all(sent.map(({ shipment, receipt }) => settle(threatstream, shipment, receipt)));
      expect(settled.flatMap(({ accepted }) => accepted)).toHaveLength(500);
      return requests.slice(before).filter(({ method }) => method === 'GET').length;
    };
    expect(await bringAndSettle(1)).toBeLessThanOrEqual(12);
    expect(await bringAndSettle(1_001)).toBeLessThanOrEqual(12);
    const read = requests.filter(({ method }) => method === 'GET').map(({ url }) => new URL(url).searchParams);
    expect(read.filter((query) => query.has('modified_ts__gte')).length).toBeLessThanOrEqual(3);
    expect(bench.sandbox.tips.threatstream.counts()).toMatchObject({ holds: 1_000, duplicates: 0 });
  });

  it('is read to its end by those that go on, when one that had asked first has given up', async () => {
    const { service, send, ask, pace } = await showingChanges();
    const [first, second] = [await send(0), await send(1)];
    service.shown = [host(0), host(1)];
    const givesUp = new AbortController();
    let held: (() => void) | undefined;
    pace.until = () => {
      delete pace.until;
      return new Promise((go) => {
        held = go;
      });
    };
    const both = Promise.allSettled([ask(first, givesUp.signal), ask(second)]);
    await expect.poll(() => held).toBeDefined();
    givesUp.abort(new Error('given up'));
    service.failsOnce = true;
    held?.();
    expect(await both).toMatchObject([{ status: 'rejected' }, { value: { accepted: [2] } }]);
  });

  it('is asked for again after a failure, which all hear of that asked', async () => {
    const { service, send, ask } = await showingChanges();
    const [first, second] = [await send(0), await send(1)];
    service.shown = [host(0), host(1)];
    service.failsOnce = true;
    const failed = await Promise.allSettled([ask(first), ask(second)]);
    expect(failed).toMatchObject([1, 2].map(() => ({ reason: { kind: 'Unavailable' } })));
    expect(await Promise.all([ask(first), ask(second)])).toMatchObject([{ accepted: [1] }, { accepted: [2] }]);
  });

  it('is read once for all that ask side by side for more than is kept', async () => {
    const { service, send, ask, pass } = await showingChanges();
    const early = [await send(0), await send(1), await send(2)];
    pass(200);
    expect(await ask(await send(3))).toMatchObject(WAITING);
    service.shown = [host(0), host(1), host(2)];
    service.asked.length = 0;
    const found = await Promise.all(early.map((one) => ask(one)));
    expect(found).toMatchObject([{ accepted: [1] }, { accepted: [2] }, { accepted: [3] }]);
    expect(service.asked).toHaveLength(1);
  });

  it('is waited for by nobody who has given up', async () => {
    const { send, ask, pace } = await showingChanges();
    const [first, second] = [await send(0), await send(1)];
    let held: (() => void) | undefined;
    pace.until = () => {
      delete pace.until;
      return new Promise((go) => {
        held = go;
      });
    };
    const givesUp = new AbortController();
    const goesOn = ask(first);
    const given = ask(second, givesUp.signal);
    await expect.poll(() => held).toBeDefined();
    givesUp.abort(new Error('given up'));
    await expect(given).rejects.toThrow('given up');
    await expect(ask(second, givesUp.signal)).rejects.toThrow('given up');
    held?.();
    expect(await goesOn).toMatchObject(WAITING);
  });

  it('is read on the account of one that asks for it, not of one that had asked before', async () => {
    const { send, ask, pace } = await showingChanges();
    const [first, second] = [await send(0), await send(1)];
    const account = new AsyncLocalStorage<string>();
    const accounts: (string | undefined)[] = [];
    const asked: Promise<unknown>[] = [];
    pace.until = async () => {
      accounts.push(account.getStore());
      if (asked.length === 1) asked.push(account.run('live run', () => ask(second)));
    };
    asked.push(account.run('backfill', () => ask(first)));
    await asked[0];
    await asked[1];
    expect(accounts).toEqual(['backfill', 'live run']);
  });

  it.each([true, false])('counts for those that left before the first that asked (one shows: %s)', async (shows) => {
    const { service, send, ask, pass, clock } = await showingChanges();
    const first = await send(0);
    const at = clock.at;
    pass(200);
    const second = await send(1);
    service.shown = shows ? [host(1, 5)] : [];
    expect(await ask(second)).toMatchObject(shows ? { accepted: [2] } : WAITING);
    service.shown.push({ ...host(0, 3), at });
    expect(await ask(first)).toMatchObject({ accepted: [1] });
  });

  it('is read from where the first that asked left, while nothing shows', async () => {
    const { service, send, ask, pass, clock } = await showingChanges();
    const first = await send(0);
    const at = clock.at;
    pass(40);
    expect(await ask(first)).toMatchObject(WAITING);
    pass(160);
    const second = await send(1);
    service.shown = [{ ...host(0, 3), at }, host(1, 5)];
    expect(await ask(second)).toMatchObject({ accepted: [2] });
    expect(await ask(first)).toMatchObject({ accepted: [1] });
  });
});
