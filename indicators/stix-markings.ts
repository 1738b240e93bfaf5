import { TLP_LEVELS, type Tlp } from './indicator.ts';

type Ids = Readonly<Record<Tlp, string>>;

/** TLP 2.0, an extension of STIX 2.1. (Source: OASIS, cti-stix-common-objects, extension definition TLP 2.0.) */
const TLP_2: Ids = {
  clear: '94868c89-83c2-464b-929b-a1a8aa3c8487',
  green: 'bab4a63c-aed9-4cf5-a766-dfca5abac2bb',
  amber: '55d920b0-5e8b-4f79-9ee9-91f868d9b421',
  'amber+strict': '939a9414-2ddd-4d32-a0cd-375ea402b003',
  red: 'e828b379-4e03-4974-9ac4-e53a884c97c1',
};

/** TLP 1.0's four, which every consumer has by itself (STIX 2.1, section 7.2.1.4). It has no AMBER+STRICT: that is TLP 2.0's. */
const TLP_1: Ids = {
  clear: '613f2e26-407d-48c7-9eca-b8e91df99dc9',
  green: '34098fce-860f-48ae-8e50-ebd3cc5e41da',
  amber: 'f88d31f6-486f-44da-b317-01333bde0b82',
  'amber+strict': TLP_2['amber+strict'],
  red: '5e57c739-391a-4eb3-b6be-7d15ca92d5ed',
};

/** OpenCTI knows TLP 1.0's four and an AMBER+STRICT of its own. (Source: OpenCTI.) */
const OPENCTI: Ids = { ...TLP_1, 'amber+strict': '826578e1-40ad-459f-bc73-ede076f81f37' };

/** As Microsoft's page on uploading STIX objects prints it; nobody else has this one. */
const PRINTED_AMBER_STRICT = '826578e1-40a3-4b46-a8d8-b9931fdd750e';

/** Which ids a destination knows. */
export type MarkingSet = 'tlp-2' | 'tlp-1' | 'opencti';

const SETS: Readonly<Record<MarkingSet, Ids>> = { 'tlp-2': TLP_2, 'tlp-1': TLP_1, opencti: OPENCTI };

const EXTENSION = 'extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d';

/** A marking of TLP 2.0, whole. Its `created` is part of what OASIS has published, like its id. */
export interface StixMarking {
  readonly type: 'marking-definition';
  readonly spec_version: '2.1';
  readonly id: string;
  readonly created: string;
  readonly name: string;
  readonly extensions: Readonly<Record<string, { readonly extension_type: string; readonly tlp_2_0: Tlp }>>;
}

/** What `object_marking_refs` says for a level. */
export function markingRef(tlp: Tlp, set: MarkingSet): string {
  return refTo(SETS[set][tlp]);
}

/**
 * The objects of TLP 2.0 that are referred to. They travel with the objects that refer to them, since no consumer has them by itself;
 * others have, or are the destination's own.
 */
export function markingObjects(refs: ReadonlySet<string>): readonly StixMarking[] {
  return TLP_LEVELS.filter((tlp) => refs.has(refTo(TLP_2[tlp]))).map((tlp) => ({
    type: 'marking-definition',
    spec_version: '2.1',
    id: refTo(TLP_2[tlp]),
    created: '2022-10-01T00:00:00.000Z',
    name: `TLP:${tlp.toUpperCase()}`,
    extensions: { [EXTENSION]: { extension_type: 'property-extension', tlp_2_0: tlp } },
  }));
}

const LEVELS: ReadonlyMap<string, Tlp> = new Map([
  ...Object.values(SETS).flatMap((ids) => TLP_LEVELS.map((tlp) => [ids[tlp], tlp] as const)),
  [PRINTED_AMBER_STRICT, 'amber+strict'] as const,
]);

/** The level that a marking's id stands for, in whichever set, with or without its type before it; null for another marking. */
export function markingLevel(id: string): Tlp | null {
  return LEVELS.get(id.replace(/^marking-definition--/, '')) ?? null;
}

function refTo(id: string): string {
  return `marking-definition--${id}`;
}
