import type { StixIndicator } from './stix.ts';
import type { StixMarking } from './stix-markings.ts';
import type { StixIdentity } from './stix-producer.ts';
import { uuidV5 } from './uuid-v5.ts';

export type StixObject = StixIndicator | StixIdentity | StixMarking;

/** A bundle of STIX 2.1 (section 8): without a `spec_version`, which only that of 2.0 had. */
export interface StixBundle {
  readonly type: 'bundle';
  readonly id: string;
  /** Absent for none: an empty list is not allowed. */
  readonly objects?: readonly StixObject[];
}

/** The objects in a bundle, which means nothing by itself. Its id is that of these versions in this order. */
export function stixBundle(objects: readonly StixObject[], namespace: string): StixBundle {
  const versions = objects.map((object) => [object.id, 'modified' in object ? object.modified : object.created]);
  return {
    type: 'bundle',
    id: `bundle--${uuidV5(namespace, JSON.stringify(versions))}`,
    ...(objects.length === 0 ? {} : { objects }),
  };
}
