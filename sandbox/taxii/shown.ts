import { STIX_MEDIA_TYPE } from './collections.ts';
import type { Version } from './contents.ts';
import { instantOf } from './instant.ts';
import type { StixObject } from './stix-object.ts';
import type { TaxiiFaults } from './taxii-faults.ts';

const INSTANTS = ['created', 'modified', 'valid_from', 'valid_until', 'first_observed', 'last_observed'];

/** An object as it is given back: as it was sent, but for the form of its instants. */
export function shownObject(object: StixObject, { instants }: TaxiiFaults): StixObject {
  if (instants === 'as-sent') return object;
  const rewritten = INSTANTS.flatMap((name) => {
    const value = object[name];
    const instant = typeof value === 'string' ? instantOf(value) : null;
    return instant === null ? [] : [[name, instant]];
  });
  return { ...object, ...Object.fromEntries(rewritten) };
}

/** (Source: TAXII 2.1, 5.3.1.) */
export function manifestRecord({ id, dateAdded, object }: Version, version: string): Readonly<Record<string, string>> {
  const media = STIX_MEDIA_TYPE.replace('2.1', specVersionOf(object));
  return { id, date_added: dateAdded, version, media_type: media };
}

/** (Source: medallion, `determine_spec_version`; STIX 2.1, 3.1: objects of 2.0 have no `spec_version`.) */
export function specVersionOf(object: StixObject): string {
  if (object['created'] === undefined && object['modified'] === undefined) return '2.1';
  return typeof object['spec_version'] === 'string' ? object['spec_version'] : '2.0';
}

/** (Source: TAXII 2.1, 5.4: of the objects in this answer.) */
export function addedHeaders(versions: readonly { readonly dateAdded: string }[]): Readonly<Record<string, string>> {
  const first = versions[0];
  const last = versions.at(-1);
  if (first === undefined || last === undefined) return {};
  return { 'X-TAXII-Date-Added-First': first.dateAdded, 'X-TAXII-Date-Added-Last': last.dateAdded };
}
