import { expect, it } from 'vitest';
import type { Withdrawable } from '../../destinations/destination.ts';
import { MISP_STAND_IN } from '../../sandbox/misp/misp-stand-in.ts';
import { faultFrom } from '../http/fault-from.ts';
import { asHeld, askedOf, deliver, type MispBench, SIGNAL, startMispBench } from './misp-bench.ts';
import { domains } from './threatstream-indicators.ts';

/** Brings two, in one event; as they are to be withdrawn then, and the event. */
async function brought(bench: MispBench): Promise<{ items: readonly Withdrawable[]; event: string }> {
  const outcome = await deliver(bench, domains(2));
  bench.later(1_000);
  const items = domains(2).map((item) => {
    const { id, indicator, held = null } = asHeld(item, outcome);
    return { id, key: indicator.key, held };
  });
  return { items, event: String(items[0]?.held?.form?.['event']) };
}

it('is not taken for gone what only the key does not see', async () => {
  const bench = await startMispBench({ events: 1 });
  const { items, event } = await brought(bench);
  bench.server.setFaults({ foreignEvents: [event], foreignEventsSeen: false });
  const fault = await faultFrom(bench.misp.withdraw(items, SIGNAL));
  expect(fault).toMatchObject({ kind: 'Refused', message: expect.stringContaining('another organisation') });
  expect(fault.message).toContain(event);
});

it.each([true, false])('is gone with its event (which is blocked then: %s)', async (blocklistsDeletedEvents) => {
  const bench = await startMispBench({ events: 1 }, { blocklistsDeletedEvents });
  const { items, event } = await brought(bench);
  await bench.server.tip.handle({
    method: 'POST',
    path: `/events/delete/${event}`,
    query: new URLSearchParams(),
    headers: { accept: 'application/json', authorization: MISP_STAND_IN.credentials['apiKey'] ?? '' },
    body: '',
  });
  const since = bench.requests.length;
  expect(await bench.misp.withdraw(items, SIGNAL)).toEqual({ withdrawn: [], missing: [1, 2], unknown: [] });
  expect(askedOf(bench, since)).toEqual(['POST attributes/restSearch', 'POST events/restSearch', 'POST events/add']);
});
