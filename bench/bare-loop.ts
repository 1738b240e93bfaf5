import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { SIDE_BY_SIDE } from '../delivery/settle-sent.ts';
import type { Receipt, Rendered, Shipment } from '../destinations/destination.ts';
import { send } from '../destinations/send.ts';
import { decide } from '../indicators/decide.ts';
import type { Verdict } from '../indicators/reputation.ts';
import type { Window } from '../indicators/window.ts';
import type { Adapters } from './adapters.ts';
import { inLanes } from './in-lanes.ts';
import { type SourceIndicator, sourceIndicators } from './source-indicators.ts';
import { untilAllowed } from './until-allowed.ts';

export interface BareRun {
  readonly seconds: number;
  readonly indicators: number;
  readonly confirmed: number;
  readonly rejected: number;
}

const { signal } = new AbortController();
setMaxListeners(0, signal);

/**
 * What is left of the product without Temporal and ledger: the same adapters, queries, batches, requests and concurrency, in one
 * process that remembers nothing.
 */
export async function bareLoop(adapters: Adapters, window: Window): Promise<BareRun> {
  const begun = performance.now();
  const indicators = await sourceIndicators(adapters, window);
  const { batchSize, lanes } = adapters.pipeline;
  const batches: SourceIndicator[][] = [];
  for (let at = 0; at < indicators.length; at += batchSize) batches.push(indicators.slice(at, at + batchSize));
  let confirmed = 0;
  let rejected = 0;
  await inLanes(batches, lanes, async (batch) => {
    const rendered = await decided(adapters, batch);
    const tally = await delivered(adapters, rendered);
    confirmed += tally.confirmed;
    rejected += tally.rejected;
  });
  return { seconds: (performance.now() - begun) / 1_000, indicators: indicators.length, confirmed, rejected };
}

/** Looks up the hosts of a batch, and renders what passes the policy. */
async function decided(adapters: Adapters, batch: readonly SourceIndicator[]): Promise<readonly Rendered[]> {
  const { reputations, destination, pipeline, lookUpConcurrency } = adapters;
  const hosts = [...new Set(batch.flatMap(({ host }) => host ?? []))];
  const calls: string[][] = [];
  for (let at = 0; at < hosts.length; at += reputations.hostsPerCall) {
    calls.push(hosts.slice(at, at + reputations.hostsPerCall));
  }
  const known = new Map<string, Verdict>();
  await inLanes(calls, lookUpConcurrency, async (call) => {
    let asked: readonly string[] = call;
    while (asked.length > 0) {
      const now = asked;
      const outcomes = await untilAllowed(() => reputations.lookUp(now, signal));
      for (const outcome of outcomes) if (outcome.kind === 'known') known.set(outcome.host, outcome.reputation);
      // What was throttled is asked again; the pace has slowed.
      asked = outcomes.flatMap((outcome) => (outcome.kind === 'failed' ? [outcome.host] : []));
    }
  });
  return batch.flatMap(({ id, indicator, host }) => {
    const verdict: Verdict = host === null ? { kind: 'not-a-host' } : (known.get(host) ?? { kind: 'none' });
    if (decide(indicator, verdict, pipeline.policy).kind !== 'deliver') return [];
    return destination.render({ id, indicator, verdict });
  });
}

async function delivered(
  { destination }: Adapters,
  rendered: readonly Rendered[],
): Promise<{ readonly confirmed: number; readonly rejected: number }> {
  const shipments = destination
    .plan(rendered)
    .map((items): Shipment => ({ name: `mdti-sync:bare:${randomUUID().slice(0, 16)}`, items }));
  let open: { readonly shipment: Shipment; readonly receipt: Receipt }[] = [];
  await inLanes(shipments, SIDE_BY_SIDE, async (shipment) => {
    open.push({ shipment, receipt: await untilAllowed(() => send(destination, shipment, signal)) });
  });
  const tally = { confirmed: 0, rejected: 0 };
  for (;;) {
    const waiting: typeof open = [];
    let againInMs = 0;
    await inLanes(open, SIDE_BY_SIDE, async (one) => {
      const answer = await untilAllowed(() => destination.confirm(one.shipment, one.receipt, signal));
      if (answer.kind === 'waiting') {
        waiting.push(one);
        againInMs = Math.max(againInMs, answer.retryAfterMs);
        return;
      }
      tally.confirmed += answer.accepted.length;
      tally.rejected += answer.rejected.length;
    });
    if (waiting.length === 0) return tally;
    open = waiting;
    await sleep(againInMs);
  }
}
