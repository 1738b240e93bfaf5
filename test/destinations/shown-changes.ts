import type { Receipt, Shipment } from '../../destinations/destination.ts';
import { send } from '../../destinations/send.ts';
import type { HttpReply, HttpRequest } from '../../http/http-client.ts';
import { json, OURS, page } from './scripted-threatstream.ts';
import { domains } from './threatstream-indicators.ts';
import { only, SIGNAL, shipmentsOf, startBench } from './threatstream-sandbox.ts';

export const SECOND = 1_000;
export const WAITING = { kind: 'waiting' };

/** A change, as a search shows it. */
export interface Shown {
  readonly number: number | null;
  readonly value: string;
  /** When it was changed. */
  readonly at?: Date;
  readonly status?: string;
}

/** A ThreatStream that takes in every write, and shows just what a test has it show, in the order of its numbers. */
export async function showingChanges({ declinesNumbers = false, heedsNumbers = true, pageSize = 1_000 } = {}) {
  const bench = await startBench('bypass', { confirmFor: 600 * SECOND });
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
  const sendFrom = async (first: number, size = 1): Promise<Sent> => {
    const some = domains(first + size).slice(first);
    const shipment = only(shipmentsOf(threatstream, some, `from-${first}`));
    return { shipment, receipt: await send(threatstream, shipment, SIGNAL) };
  };
  const ask = ({ shipment, receipt }: Sent, signal = SIGNAL) => threatstream.confirm(shipment, receipt, signal);
  return { ...bench, service, pass, send: sendFrom, ask };
}

export interface Sent {
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

export function host(index: number, number: number | null = index + 1): Shown {
  return { number, value: `host${index}.example.com` };
}
