import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from 'vitest';
import type { Receipt, Shipment } from '../../destinations/destination.ts';
import type { HttpReply, HttpRequest } from '../../http/http-client.ts';
import { json, OURS, page } from './scripted-threatstream.ts';
import { deliverable, domains } from './threatstream-indicators.ts';
import { only, SIGNAL, settle, shipmentsOf, startBench } from './threatstream-sandbox.ts';

const SECOND = 1_000;
const WAITING = { kind: 'waiting' };

/** A change, as a search shows it. */
interface Shown {
  readonly number: number | null;
  readonly value: string;
  /** When it was changed. */
  readonly at?: Date;
  readonly status?: string;
}

/** A ThreatStream that takes in every write, and shows just what a test has it show, in the order of its numbers. */
async function showing({ declinesNumbers = false, heedsNumbers = true, pageSize = 1_000 } = {}) {
  const bench = await startBench('bypass', { confirmForMs: 600 * SECOND });
  const service = {
    shown: [] as Shown[],
    asked: [] as URLSearchParams[],
    failsOnce: false,
    clock: null as Date | null,
  };
  bench.clock.at = new Date('2026-11-24T08:00:00.000Z');
  const answer = ({ method, url }: HttpRequest): HttpReply => {
    const { pathname, searchParams } = new URL(url);
    if (method === 'PATCH') return json(202, {});
    if (pathname.endsWith('/user/')) return OURS;
    service.asked.push(searchParams);
    if (service.failsOnce) {
      service.failsOnce = false;
      return json(503, {});
    }
    const after = searchParams.get('update_id__gt');
    if (after !== null && declinesNumbers) return json(400, {});
    const since = new Date(searchParams.get('modified_ts__gte') ?? 0);
    const shown = service.shown.filter(({ at }) => at === undefined || at >= since);
    return pageAfter(shown, heedsNumbers ? Number(after ?? 0) : 0, Number(searchParams.get('offset') ?? 0), pageSize);
  };
  bench.answers.to = (request) => {
    const reply = answer(request);
    const date = service.clock?.toUTCString();
    return date === undefined ? reply : { ...reply, headers: { ...reply.headers, date } };
  };
  const pass = (seconds: number): void => {
    bench.clock.at = new Date(bench.clock.at.getTime() + seconds * SECOND);
  };
  const { threatstream } = bench;
  const send = async (first: number, size = 1): Promise<Sent> => {
    const some = domains(first + size).slice(first);
    const shipment = only(shipmentsOf(threatstream, some, `from-${first}`));
    return { shipment, receipt: await threatstream.send(shipment, SIGNAL) };
  };
  const ask = ({ shipment, receipt }: Sent, signal = SIGNAL) => threatstream.confirm(shipment, receipt, signal);
  return { ...bench, service, pass, send, ask };
}

interface Sent {
  readonly shipment: Shipment;
  readonly receipt: Receipt;
}

function pageAfter(shown: readonly Shown[], after: number, offset: number, size: number): HttpReply {
  const left = shown
    .filter(({ number }) => (number ?? 1) > after)
    .toSorted((a, b) => (a.number ?? 0) - (b.number ?? 0))
    .slice(offset);
  const objects = left.slice(0, size).map(({ number, value, status }) => ({
    id: Number(/\d+/.exec(value)?.[0]) + 1,
    value,
    owner_organization_id: 67,
    update_id: number,
    status,
  }));
  return page(objects, left.length > size ? `/api/v2/intelligence/?offset=${offset + size}` : null);
}

function host(index: number, number: number | null = index + 1): Shown {
  return { number, value: `host${index}.example.com` };
}

describe('what has changed, of what is brought by direct writes', () => {
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
          receipt: await threatstream.send(one, SIGNAL),
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
    expect(bench.sandbox.counts()).toMatchObject({ holds: 1_000, duplicates: 0 });
  });

  it.each([1, 1_000])('is read on where numbers are declined, %i a page', async (pageSize) => {
    const { service, send, ask } = await showing({ declinesNumbers: true, pageSize });
    const [first, second] = [await send(0, 3), await send(3, 3)];
    expect(await ask(first)).toMatchObject(WAITING);
    service.shown = [host(0), host(1), host(2)];
    expect(await ask(first)).toMatchObject({ accepted: [1, 2, 3] });
    expect(await ask(second)).toMatchObject(WAITING);
    service.shown.push(host(3), host(4), host(5));
    expect(await ask(second)).toMatchObject({ accepted: [4, 5, 6] });
  });

  it('is read anew each time where it has no numbers', async () => {
    const { service, send, ask, pass, clock } = await showing();
    const first = await send(0);
    service.shown = [host(0, null)];
    expect(await ask(first)).toMatchObject({ accepted: [1] });
    pass(200);
    const second = await send(1);
    expect(await ask(second)).toMatchObject(WAITING);
    service.shown.push(host(1, null));
    expect(await ask(second)).toMatchObject({ accepted: [2] });
    // Of no more than it may have changed itself.
    const since = new Date(clock.at.getTime() - 120 * SECOND).toISOString();
    expect(service.asked.slice(-2).map((query) => query.get('modified_ts__gte'))).toEqual([since, since]);
  });

  it('is read anew each time where some of it has no numbers', async () => {
    const { service, send, ask, pass } = await showing();
    service.shown = [host(9, 1), host(8, null)];
    expect(await ask(await send(9))).toMatchObject({ accepted: [10] });
    pass(1);
    const sent = await send(0);
    service.shown.push(host(0, null));
    expect(await ask(sent)).toMatchObject({ accepted: [1] });
  });

  it('is read on later where it is more than is worth reading through at once', async () => {
    const { service, send, ask } = await showing({ pageSize: 1 });
    const sent = await send(59);
    service.shown = Array.from({ length: 60 }, (_, at) => host(at));
    expect(await ask(sent)).toMatchObject(WAITING);
    expect(service.asked).toHaveLength(50);
    expect(await ask(sent)).toMatchObject({ accepted: [60] });
    expect(service.asked).toHaveLength(60);
  });

  it('counts when it shows late, behind what was read already', async () => {
    const { service, send, ask, pass } = await showing();
    const sent = await send(0, 2);
    service.shown = [host(1, 9)];
    expect(await ask(sent)).toMatchObject(WAITING);
    service.shown.push(host(0, 5));
    pass(29);
    expect(await ask(sent)).toMatchObject(WAITING);
    pass(1);
    expect(await ask(sent)).toMatchObject({ accepted: [1, 2] });
  });

  it('is read again once for what is late, however long that takes', async () => {
    const { service, send, ask, pass } = await showing();
    const sent = await send(0, 2);
    service.shown = [host(1, 9)];
    for (let asked = 0; asked < 12; asked += 1) {
      expect(await ask(sent)).toMatchObject(WAITING);
      pass(20);
    }
    expect(service.asked.filter((query) => query.has('modified_ts__gte'))).toHaveLength(2);
  });

  it('is read again at most every half minute, for all that have become late meanwhile', async () => {
    const { service, send, ask, pass } = await showing();
    service.shown = [host(9, 1)];
    const before = await send(9);
    expect(await ask(before)).toMatchObject({ accepted: [10] });
    service.shown = [host(8, 9)];
    pass(1);
    const first = await send(0, 2);
    pass(10);
    const second = await send(2, 2);
    service.asked.length = 0;
    for (let asked = 0; asked < 8; asked += 1) {
      expect(await Promise.all([ask(first), ask(second)])).toMatchObject([WAITING, WAITING]);
      pass(10);
    }
    const numbers = service.asked.map((query) => query.get('update_id__gt'));
    expect(numbers).toEqual(['1', '9', '1', '9', '9', '1', '9', '9']);
  });

  it.each([true, false])('counts for those that left before the first that asked (one shows: %s)', async (shows) => {
    const { service, send, ask, pass, clock } = await showing();
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
    const { service, send, ask, pass, clock } = await showing();
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

  it('is not what was read before the request left', async () => {
    const { service, send, ask, pass } = await showing();
    service.shown = [host(0)];
    const first = await send(0);
    expect(await ask(first)).toMatchObject({ accepted: [1] });
    pass(5);
    // It shows the same number after a change, and so nothing of it.
    expect(await ask(await send(0))).toMatchObject(WAITING);
  });

  it('is read to its end by those that go on, when one that had asked first has given up', async () => {
    const { service, send, ask, pace } = await showing();
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
    const { service, send, ask } = await showing();
    const [first, second] = [await send(0), await send(1)];
    service.shown = [host(0), host(1)];
    service.failsOnce = true;
    const failed = await Promise.allSettled([ask(first), ask(second)]);
    expect(failed).toMatchObject([1, 2].map(() => ({ reason: { kind: 'Unavailable' } })));
    expect(await Promise.all([ask(first), ask(second)])).toMatchObject([{ accepted: [1] }, { accepted: [2] }]);
  });

  it('is found by a request that left before a clock was put back', async () => {
    const { service, send, ask, pass } = await showing();
    const other = await send(1);
    pass(3_600);
    const sent = await send(0);
    pass(-3_590);
    expect(await ask(other)).toMatchObject(WAITING);
    service.shown = [host(0)];
    expect(await ask(sent)).toMatchObject({ accepted: [1] });
  });

  it('is found for one that left before all that is kept, from where it left', async () => {
    const { service, send, ask, pass } = await showing();
    service.shown = [host(50_000, 1)];
    const before = await send(50_000);
    expect(await ask(before)).toMatchObject({ accepted: [50_001] });
    pass(1);
    const sent = await send(0, 2);
    pass(1);
    const others = await send(2);
    service.shown = [host(1, 2), ...Array.from({ length: 21_000 }, (_, at) => host(at + 2, at + 3))];
    expect(await ask(others)).toMatchObject({ accepted: [3] });
    service.shown.push(host(0, 30_000));
    service.asked.length = 0;
    expect(await ask(sent)).toMatchObject({ accepted: [1, 2] });
    expect(service.asked[0]?.get('update_id__gt')).toBe('1');
    service.asked.length = 0;
    pass(1);
    expect(await ask(await send(3))).toMatchObject(WAITING);
    expect(service.asked.map((query) => query.get('update_id__gt'))).toEqual(['21002']);
  });

  it('is not read through for what others have changed in a long pause', async () => {
    const { service, send, ask, pass } = await showing();
    service.shown = [host(0)];
    expect(await ask(await send(0))).toMatchObject({ accepted: [1] });
    pass(301);
    const sent = await send(1);
    service.shown.push(host(1));
    service.asked.length = 0;
    expect(await ask(sent)).toMatchObject({ accepted: [2] });
    expect(service.asked.map((query) => query.has('update_id__gt'))).toEqual([false]);
  });

  it('is found by a request that left before a clock was put back, when others have read it already', async () => {
    const { service, send, ask, pass } = await showing();
    const other = await send(1);
    pass(100);
    const sent = await send(0);
    pass(-90);
    service.shown = [host(0)];
    expect(await ask(other)).toMatchObject(WAITING);
    expect(await ask(sent)).toMatchObject({ accepted: [1] });
  });

  it.each([60, -60])('is found for what a worker has sent whose clock is %i s ahead', async (ahead) => {
    const { service, send, ask, pass, clock } = await showing();
    service.clock = clock.at;
    const other = await send(1);
    pass(ahead);
    const sent = await send(0);
    pass(-ahead);
    // An answer that tells the one clock by the other.
    await send(2);
    service.shown = [host(0)];
    expect(await ask(other)).toMatchObject(WAITING);
    service.asked.length = 0;
    expect(await ask(sent)).toMatchObject({ accepted: [1] });
    expect(service.asked.map((query) => query.get('update_id__gt'))).toEqual(['1']);
  });

  it('is found though it was read in the very second in which the request left', async () => {
    const { service, send, ask, pass, clock } = await showing();
    service.clock = clock.at;
    const [other, { shipment, receipt }] = [await send(1), await send(0)];
    service.shown = [host(0)];
    expect(await ask(other)).toMatchObject(WAITING);
    // As a request says it that takes longer than a second: ThreatStream tells whole ones.
    const since = new Date(new Date(String(receipt['since'])).getTime() + 800).toISOString();
    pass(1);
    service.clock = clock.at;
    await send(2);
    expect(await ask({ shipment, receipt: { ...receipt, since } })).toMatchObject({ accepted: [1] });
  });

  it('is found for what another worker has sent, whose clock was ahead, and whose acknowledgement was lost', async () => {
    const { service, send, threatstream, ask, pass, clock } = await showing();
    service.clock = clock.at;
    const other = await send(1);
    const { shipment } = await send(0);
    service.shown = [host(0)];
    expect(await ask(other)).toMatchObject(WAITING);
    const left = new Date(clock.at.getTime() + 60 * SECOND);
    pass(61);
    expect(await threatstream.find(shipment, { sentAfter: left, endedAt: left }, SIGNAL)).toMatchObject({
      kind: 'found',
    });
  });

  it('is what a copy was at last, for one that has a reading of its own', async () => {
    const { service, send, ask, pass } = await showing({ pageSize: 1 });
    const early = await send(0);
    pass(200);
    expect(await ask(await send(1))).toMatchObject(WAITING);
    // It was withdrawn while it was read.
    service.shown = [host(0, 1), { ...host(0, 2), status: 'inactive' }];
    expect(await ask(early)).toMatchObject(WAITING);
  });

  it('is read once for all that ask side by side for more than is kept', async () => {
    const { service, send, ask, pass } = await showing();
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
    const { send, ask, pace } = await showing();
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
    const { send, ask, pace } = await showing();
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

  it('is read again for one that has become late, whatever was read again for those that left after it', async () => {
    const { service, send, ask, pass } = await showing();
    const first = await send(0, 2);
    pass(1);
    service.shown = [host(1, 9)];
    expect(await ask(first)).toMatchObject(WAITING);
    pass(3);
    const second = await send(2);
    pass(1);
    service.shown.push(host(9, 10));
    expect(await ask(second)).toMatchObject(WAITING);
    service.shown.push(host(0, 5));
    pass(40);
    expect(await ask(second)).toMatchObject(WAITING);
    pass(40);
    expect(await ask(first)).toMatchObject({ accepted: [1, 2] });
  });

  it.each([1, 2])('is read by time where numbers are not heeded, %i a page', async (pageSize) => {
    const { service, send, ask, pass, clock } = await showing({ heedsNumbers: false, pageSize });
    const old = Array.from({ length: 60 }, (_, at) => ({ ...host(100 + at, at + 1), at: new Date(0) }));
    service.shown = [...old, { ...host(1, 61), at: clock.at }];
    expect(await ask(await send(1))).toMatchObject({ accepted: [2] });
    pass(1);
    const sent = await send(0);
    service.shown.push({ ...host(0, 62), at: clock.at });
    service.asked.length = 0;
    expect(await ask(sent)).toMatchObject({ accepted: [1] });
    expect(service.asked.length).toBeLessThanOrEqual(4);
  });
});
