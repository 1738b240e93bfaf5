import { decide } from '../indicators/decide.ts';
import { itemsToBring } from '../ledger/due-items.ts';
import type { Parts, Pipeline } from './parts.ts';
import { type PlannedRequests, plannedRequests } from './planned-requests.ts';
import { renderItems, verdictsOf } from './render-shipments.ts';

export interface WouldLeave extends PlannedRequests {
  readonly indicators: number;
}

/** Items that are held in memory at once, and those that are looked at: as many as one window takes up. */
const PAGE = 2_000;
const MOST = 10_000;

/**
 * What would leave for the destination if all that is due or gathered went now: by the plan by which it will leave. What a look-up has to
 * tell first is no part of it, unless the policy delivers it without.
 */
export async function whatWouldLeave(parts: Parts, pipeline: Pipeline): Promise<WouldLeave> {
  const rendered = [];
  let seen = 0;
  for (let after: number | undefined = 0; after !== undefined && seen < MOST; ) {
    const items = await itemsToBring(parts.ledger, pipeline.name, { now: parts.now(), after, limit: PAGE });
    const { verdicts } = await verdictsOf(parts, pipeline, items);
    const passing = verdicts
      .filter(({ item, verdict }) => decide(item.indicator, verdict, pipeline.policy).kind === 'deliver')
      .map(({ item }) => item);
    const held = new Map(items.map(({ id, heldHash }) => [id, heldHash]));
    const fit = (await renderItems(parts, pipeline, passing)).rendered;
    rendered.push(...fit.filter(({ id, hash }) => held.get(id) !== hash));
    seen += items.length;
    after = items.at(-1)?.id;
  }
  return { indicators: rendered.length, ...plannedRequests(pipeline, rendered) };
}
