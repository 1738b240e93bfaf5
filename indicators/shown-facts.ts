import type { Facts } from './indicator.ts';

/** The facts in one fixed order: as a text it is the same whatever order the object's fields came in (a database has its own). */
export function shownFacts(facts: Facts): readonly unknown[] {
  const { threat, confidence, validFrom, validUntil, tlp, tags, description, ended } = facts;
  return [threat, confidence, validFrom, validUntil, tlp, tags, description, ended];
}
