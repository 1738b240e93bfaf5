import type { FaultsPatch } from '../sandbox/faults.ts';
import type { Draw } from './draw.ts';

/** What the sources leave open of ThreatStream, one way or the other: the product may not know which, in any story. */
export type Appliance = NonNullable<FaultsPatch['threatstream']>;

export function drawAppliance(draw: Draw): Appliance {
  return {
    sessionLists: draw.pick(['answer', 'answer', 'missing']),
    duplicateMessage: draw.pick(['Duplicate of an existing observable', 'Already there.']),
    changeReply: draw.pick(['object', 'accepted', 'mute']),
    expiryNeedsActive: draw.pick<boolean | 'ignored'>([true, false, 'ignored']),
    idsChangeOnApproval: draw.chance(0.3),
    mayExclude: draw.chance(0.7),
    objectTags: draw.pick(['add', 'replace']),
    rowTags: draw.pick(['add', 'replace']),
  };
}
