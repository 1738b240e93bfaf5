import { cancellationSignal } from '@temporalio/activity';
import type { Deliverable } from '../destinations/destination.ts';
import { contentHash } from '../indicators/content-hash.ts';
import { decide, hostToLookUp } from '../indicators/decide.ts';
import type { Indicator } from '../indicators/indicator.ts';
import { merge } from '../indicators/merge.ts';
import { observeRow } from '../indicators/observe-row.ts';
import type { Reputation } from '../indicators/reputation.ts';
import type { Slice } from '../indicators/window.ts';
import { groupByKey } from '../ledger/group-by-key.ts';
import { knownContents } from '../ledger/known-contents.ts';
import { knownReputations, someReputations } from '../ledger/reputations.ts';
import { keyName } from '../ledger/slice-statements.ts';
import type { Parts, Pipeline } from './parts.ts';

/** What a part of the rows would come to, if it were read now. */
export interface Sampled {
  /** New, or changed, and not excluded. */
  readonly indicators: number;
  /** Hosts among them whose reputation is not known. */
  readonly lookUps: number;
  readonly deliveries: number;
  /** To the destination, in batches of their own. */
  readonly requests: number;
}

/** So many are known at least, for the others to be taken for alike. */
const ENOUGH_KNOWN = 50;
const MOST_KNOWN = 500;

/** Reads a slice and goes through all that follows, as far as nothing leaves for MDTI or the destination and nothing is written. */
export async function sampleDeliveries(parts: Parts, pipeline: Pipeline, slice: Slice): Promise<Sampled> {
  const now = parts.now();
  const { rows } = await pipeline.reader.read(pipeline.source, slice, cancellationSignal());
  const observations = rows.flatMap((row) => {
    const result = observeRow(row, pipeline.exclude, now);
    return result.kind === 'observations' ? result.observations : [];
  });
  const all = groupByKey(observations)
    .map((group) => merge(group.key, group.observations, now))
    .filter((indicator) => pipeline.exclude(indicator, now) === null);
  const keys = all.map(({ key }) => key);
  const known = await knownContents(parts.ledger, pipeline.name, keys);
  const indicators = all.filter((indicator) => known.get(keyName(indicator.key)) !== contentHash(indicator));
  const hosts = [...new Set(indicators.flatMap((indicator) => hostToLookUp(indicator, pipeline.policy) ?? []))];
  const reputations = await knownReputations(parts.ledger, hosts, now);
  const unknown = assumed(await someReputations(parts.ledger, MOST_KNOWN), pipeline.policy.minimumScore);
  const items = indicators.toSorted(asBatched).map((indicator, id): Deliverable => {
    const host = hostToLookUp(indicator, pipeline.policy);
    const verdict = host === null ? ({ kind: 'not-a-host' } as const) : (reputations.get(host) ?? unknown(id));
    return { id, indicator, verdict };
  });
  let deliveries = 0;
  let requests = 0;
  for (let at = 0; at < items.length; at += pipeline.batchSize) {
    const batch = items.slice(at, at + pipeline.batchSize);
    const delivered = batch.filter(
      ({ indicator, verdict }) => decide(indicator, verdict, pipeline.policy).kind === 'deliver',
    );
    const shipments = pipeline.destination.plan(delivered.map((item) => pipeline.destination.render(item)));
    deliveries += delivered.length;
    requests += shipments.reduce((sum, shipment) => sum + pipeline.destination.requestsFor(shipment), 0);
  }
  return { indicators: indicators.length, lookUps: hosts.length - reputations.size, deliveries, requests };
}

/** As `formBatches` of the ledger orders them: alike ones together. */
function asBatched(one: Indicator, other: Indicator): number {
  const [a, b] = [orderOf(one), orderOf(other)];
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function orderOf({ key, facts }: Indicator): string {
  return JSON.stringify([facts.validUntil?.slice(0, 10), facts.tlp, facts.threat, facts.tags, key.type]);
}

/**
 * What a host that was never looked up is taken for: like those that were. Where they are too few, all are delivered, with scores spread
 * evenly: rather too much than too little.
 */
function assumed(known: readonly Reputation[], minimumScore: number): (index: number) => Reputation {
  if (known.length >= ENOUGH_KNOWN) return (index) => known[index % known.length] ?? { kind: 'none' };
  return (index) => ({
    kind: 'scored',
    score: minimumScore + ((index * 7) % (101 - minimumScore)),
    classification: 'malicious',
    rules: [],
  });
}
