import { cancellationSignal } from '@temporalio/activity';
import { type PlannedRequests, plannedRequests } from '../delivery/planned-requests.ts';
import type { Deliverable } from '../destinations/destination.ts';
import { contentHash } from '../indicators/content-hash.ts';
import { decide, hostToLookUp } from '../indicators/decide.ts';
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
export interface Sampled extends PlannedRequests {
  /** New, or changed, and not excluded. */
  readonly indicators: number;
  /** Hosts among them whose reputation is not known. */
  readonly lookUps: number;
  readonly deliveries: number;
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
  const indicators = all.filter((indicator) => known.get(keyName(indicator.key))?.hash !== contentHash(indicator));
  const hosts = [...new Set(indicators.flatMap((indicator) => hostToLookUp(indicator, pipeline.policy) ?? []))];
  const reputations = await knownReputations(parts.ledger, hosts, now);
  const unknown = assumed(await someReputations(parts.ledger, MOST_KNOWN), pipeline.policy.minimumScore);
  const items = indicators.map((indicator, id): Deliverable => {
    const host = hostToLookUp(indicator, pipeline.policy);
    const verdict = host === null ? ({ kind: 'not-a-host' } as const) : (reputations.get(host) ?? unknown(id));
    const held = known.get(keyName(indicator.key))?.held ?? null;
    return { id, indicator, verdict, ...(held === null ? {} : { held }) };
  });
  const delivered = items
    .filter(({ indicator, verdict }) => decide(indicator, verdict, pipeline.policy).kind === 'deliver')
    .map((item) => pipeline.destination.render(item));
  return {
    indicators: indicators.length,
    lookUps: hosts.length - reputations.size,
    deliveries: delivered.length,
    ...plannedRequests(pipeline, delivered),
  };
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
