import type { ResolvedEnrichment } from '../config/resolve-secrets.ts';
import type { ArtifactDeps } from '../destinations/enrichment.ts';
import type { EnrichedPipeline } from '../enrichment/parts.ts';
import { selectionKey } from '../enrichment/read-artifacts.ts';
import { createExclusion } from '../indicators/exclusion.ts';
import type { ExclusionList } from '../indicators/exclusion-list.ts';
import type { Facts } from '../indicators/indicator.ts';
import type { Policy } from '../indicators/policy.ts';
import { namedHosts } from './named-hosts.ts';

/** What an artifact says of itself is not asked for: only where it is decides whether it is looked up. */
const NO_FACTS: Facts = {
  threat: 'malware',
  confidence: null,
  validFrom: null,
  validUntil: null,
  tlp: null,
  tags: [],
  description: null,
  ended: null,
};

/** A pipeline that enriches, from its configuration. */
export function openEnriched(
  name: string,
  config: ResolvedEnrichment,
  {
    azure,
    lists,
    budgets,
    perSecond,
    now,
    ...deps
  }: Omit<ArtifactDeps, 'tagPrefix'> & {
    readonly lists: () => readonly ExclusionList[];
    readonly budgets: EnrichedPipeline['budgets'];
    readonly perSecond: number;
  },
): EnrichedPipeline {
  const { destination, selection, kql, write, policy } = config;
  const { tags, comment, score, tagPrefix } = write;
  const store = config.open({ ...deps, azure, now, tagPrefix });
  const exclude = createExclusion(policyOf(policy), lists);
  return {
    name,
    store,
    selection: selectionKey([destination.type, store.describe, selection.shown, kql, policy, write]),
    everyPassMs: config.everyPass,
    writing: { minimumScore: policy.minimumScore, tags, comment, score },
    lanes: config.lanes,
    batchSize: config.batchSize,
    exclude: (key, at) => exclude({ key, facts: NO_FACTS, sources: [] }, at),
    namedHosts: kql === null ? null : (signal) => namedHosts(azure, kql, now(), signal),
    budgets,
    perSecond,
    stability: destination.stability,
  };
}

function policyOf({ minimumScore, exclude }: ResolvedEnrichment['policy']): Policy {
  const hold = 'hold';
  return {
    minimumScore,
    withoutReputation: { hash: hold, url: 'by-host', email: hold, host: hold },
    exclude,
    tlpCeiling: 'red',
    tlpDefault: 'clear',
  };
}
