import { markingObjects, type StixMarking } from './stix-markings.ts';
import { stixTime } from './stix-time.ts';
import { uuidV5 } from './uuid-v5.ts';

/** Who says what we write: a deployment. */
export interface Producer {
  /** A UUID that no other deployment has: all its ids are made in it. `stixNamespace` makes one from a text. */
  readonly namespace: string;
  readonly name: string;
  readonly identityClass: 'system' | 'organization';
  /** When the identity came to have this name and class; absent for one that never had others. */
  readonly renamedAt?: string;
}

/** An identity object of STIX 2.1 (section 4.5). */
export interface StixIdentity {
  readonly type: 'identity';
  readonly spec_version: '2.1';
  readonly id: string;
  readonly created: string;
  readonly modified: string;
  readonly name: string;
  readonly identity_class: Producer['identityClass'];
}

/** The same for all, so that each time it is written it is the same version. */
const CREATED = '2026-01-01T00:00:00.000Z';

/** It does not depend on the name: only who has created an object may change it, and that must still be us under another name. */
export function producerId({ namespace }: Producer): string {
  return `identity--${uuidV5(namespace, 'identity')}`;
}

/** What marked objects refer to and a consumer has not: the identity and the markings of TLP 2.0. They are sent with them, before them. */
export function companions(
  marked: readonly { readonly object_marking_refs: readonly string[] }[],
  producer: Producer,
): readonly (StixIdentity | StixMarking)[] {
  return [
    identity(producer),
    ...markingObjects(new Set(marked.flatMap(({ object_marking_refs }) => object_marking_refs))),
  ];
}

function identity(producer: Producer): StixIdentity {
  return {
    type: 'identity',
    spec_version: '2.1',
    id: producerId(producer),
    created: CREATED,
    modified: producer.renamedAt === undefined ? CREATED : stixTime(producer.renamedAt),
    name: producer.name,
    identity_class: producer.identityClass,
  };
}
