import { describe, expect, it } from 'vitest';
import { host, SECOND, showingChanges, WAITING } from './shown-changes.ts';
import { SIGNAL } from './threatstream-sandbox.ts';

describe('what has changed, by whatever clock it was sent', () => {
  it('is found by a request that left before a clock was put back', async () => {
    const { service, send, ask, pass } = await showingChanges();
    const other = await send(1);
    pass(3_600);
    const sent = await send(0);
    pass(-3_590);
    expect(await ask(other)).toMatchObject(WAITING);
    service.shown = [host(0)];
    expect(await ask(sent)).toMatchObject({ accepted: [1] });
  });

  it('is found by a request that left before a clock was put back, when others have read it already', async () => {
    const { service, send, ask, pass } = await showingChanges();
    const other = await send(1);
    pass(100);
    const sent = await send(0);
    pass(-90);
    service.shown = [host(0)];
    expect(await ask(other)).toMatchObject(WAITING);
    expect(await ask(sent)).toMatchObject({ accepted: [1] });
  });

  it.each([60, -60])('is found for what a worker has sent whose clock is %i s ahead', async (ahead) => {
    const { service, send, ask, pass, clock } = await showingChanges();
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
    const { service, send, ask, pass, clock } = await showingChanges();
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
    const { service, send, threatstream, ask, pass, clock } = await showingChanges();
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

  it('is not what was read before the request left', async () => {
    const { service, send, ask, pass } = await showingChanges();
    service.shown = [host(0)];
    const first = await send(0);
    expect(await ask(first)).toMatchObject({ accepted: [1] });
    pass(5);
    // It shows the same number after a change, and so nothing of it.
    expect(await ask(await send(0))).toMatchObject(WAITING);
  });
});
