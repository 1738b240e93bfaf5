import { describe, expect, it } from 'vitest';
import { host, SECOND, showingChanges, WAITING } from './shown-changes.ts';

describe('what has changed, of what is brought by direct writes', () => {
  it.each([1, 1_000])('is read on where numbers are declined, %i a page', async (pageSize) => {
    const { service, send, ask } = await showingChanges({ declinesNumbers: true, pageSize });
    const [first, second] = [await send(0, 3), await send(3, 3)];
    expect(await ask(first)).toMatchObject(WAITING);
    service.shown = [host(0), host(1), host(2)];
    expect(await ask(first)).toMatchObject({ accepted: [1, 2, 3] });
    expect(await ask(second)).toMatchObject(WAITING);
    service.shown.push(host(3), host(4), host(5));
    expect(await ask(second)).toMatchObject({ accepted: [4, 5, 6] });
  });

  it('is read anew each time where it has no numbers', async () => {
    const { service, send, ask, pass, clock } = await showingChanges();
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
    const { service, send, ask, pass } = await showingChanges();
    service.shown = [host(9, 1), host(8, null)];
    expect(await ask(await send(9))).toMatchObject({ accepted: [10] });
    pass(1);
    const sent = await send(0);
    service.shown.push(host(0, null));
    expect(await ask(sent)).toMatchObject({ accepted: [1] });
  });

  it('is read on later where it is more than is worth reading through at once', async () => {
    const { service, send, ask } = await showingChanges({ pageSize: 1 });
    const sent = await send(59);
    service.shown = Array.from({ length: 60 }, (_, at) => host(at));
    expect(await ask(sent)).toMatchObject(WAITING);
    expect(service.asked).toHaveLength(50);
    expect(await ask(sent)).toMatchObject({ accepted: [60] });
    expect(service.asked).toHaveLength(60);
  });

  it('counts when it shows late, behind what was read already', async () => {
    const { service, send, ask, pass } = await showingChanges();
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
    const { service, send, ask, pass } = await showingChanges();
    const sent = await send(0, 2);
    service.shown = [host(1, 9)];
    for (let asked = 0; asked < 12; asked += 1) {
      expect(await ask(sent)).toMatchObject(WAITING);
      pass(20);
    }
    expect(service.asked.filter((query) => query.has('modified_ts__gte'))).toHaveLength(2);
  });

  it('is read again at most every half minute, for all that have become late meanwhile', async () => {
    const { service, send, ask, pass } = await showingChanges();
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

  it('is found for one that left before all that is kept, from where it left', async () => {
    const { service, send, ask, pass } = await showingChanges();
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
    const { service, send, ask, pass } = await showingChanges();
    service.shown = [host(0)];
    expect(await ask(await send(0))).toMatchObject({ accepted: [1] });
    pass(301);
    const sent = await send(1);
    service.shown.push(host(1));
    service.asked.length = 0;
    expect(await ask(sent)).toMatchObject({ accepted: [2] });
    expect(service.asked.map((query) => query.has('update_id__gt'))).toEqual([false]);
  });

  it('is what a copy was at last, for one that has a reading of its own', async () => {
    const { service, send, ask, pass } = await showingChanges({ pageSize: 1 });
    const early = await send(0);
    pass(200);
    expect(await ask(await send(1))).toMatchObject(WAITING);
    // It was withdrawn while it was read.
    service.shown = [host(0, 1), { ...host(0, 2), status: 'inactive' }];
    expect(await ask(early)).toMatchObject(WAITING);
  });

  it('is read again for one that has become late, whatever was read again for those that left after it', async () => {
    const { service, send, ask, pass } = await showingChanges();
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
    const { service, send, ask, pass, clock } = await showingChanges({ heedsNumbers: false, pageSize });
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
