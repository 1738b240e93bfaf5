import type { Entry, Holdings } from './holdings.ts';
import type { Kind } from './kinds.ts';
import type { Profile } from './profile.ts';
import type { ThreatStreamFaults } from './threatstream-faults.ts';
import { isInShare } from './value-share.ts';

/** A value that will be held, once its session is done or its bulk write has been worked off. */
export interface Arrival {
  readonly entry: Entry;
  readonly profile: Profile;
}

/** What is going to become of a value is settled when it arrives. */
export type Fate = 'held' | 'rejected' | 'dropped';

export function fateOf(value: string, rejectBenign: boolean, faults: ThreatStreamFaults): Fate {
  if (faults.rejectValues.some((part) => value.includes(part))) return 'rejected';
  if (rejectBenign && faults.benign.includes(value)) return 'rejected';
  return isInShare('dropped', value, faults.silentDrops) ? 'dropped' : 'held';
}

export function arrive(holdings: Holdings, value: string, kind: Kind, profile: Profile): Arrival {
  return { entry: holdings.arrive(value, kind, profile), profile };
}
