import { type Appliance, drawAppliance } from '../appliance.ts';
import type { Draw } from '../draw.ts';
import { GRACE, type Setup, THREATSTREAM } from '../setup.ts';

/** How long a reputation is good for; as far as a worker's clock is moved, it is no longer. */
export const TTL_MINUTES = 20;
/** So often all is read, and what was set aside is taken up: the shortest that can be set. */
export const PASS_MINUTES = 60;

/** A pipeline that enriches, with all that it can write: small parts, so that few observables make many steps. */
export function drawEnrichSetup(draw: Draw, { workers = 1 }: { readonly workers?: number } = {}): Setup {
  const appliance = draw.fork('appliance');
  const minimumScore = draw.pick([50, 50, 75]);
  return {
    kind: THREATSTREAM,
    enriches: { minimumScore },
    approval: 'automatic',
    workers,
    twoPipelines: false,
    appliance: { ...drawAppliance(appliance), ...drawOfEnriching(appliance.fork('enriching')) },
    stack: {
      destination: {
        lostAckGrace: GRACE,
        confirmFor: '30s',
        untagBy: draw.pick(['bulk_tagging', 'bulk_remove_tags']),
      },
      mdti: {
        ttl: `${TTL_MINUTES}m`,
        noReputationTtl: `${TTL_MINUTES}m`,
        lookUps: draw.pick(['batch', 'batch', 'single']),
        concurrency: draw.between(1, 4),
      },
      settings: {
        kind: 'enrich',
        // What delivers has one.
        source: undefined,
        policy: { minimumScore },
        everyPass: `${PASS_MINUTES}m`,
        write: { tags: true, comment: true, score: true },
        batchSize: draw.between(6, 30),
        lanes: draw.between(1, 6),
      },
    },
    edits: [[['network', 'timeout'], '10s']],
  };
}

function drawOfEnriching(draw: Draw): Appliance {
  return {
    unknownIds: draw.pick(['ignored', 'refused']),
    nextBy: draw.pick(['update_id', 'search_after', 'offset']),
    tagsBumpUpdates: draw.chance(0.6),
  };
}
