import { laterOf, type Version } from '../contents.ts';
import type { Shelf } from '../dialect.ts';
import { instantOf } from '../instant.ts';
import { Refused } from '../refused.ts';
import { specVersionOf } from '../shown.ts';
import { typeOf } from '../stix-object.ts';
import { BROKEN } from './answers.ts';

/** What a query leaves of some versions, in the order in which they were added. (Source: medallion, `BasicFilter`.) */
export function filtered(
  versions: readonly Version[],
  query: URLSearchParams,
  by: { readonly identity: boolean; readonly version: boolean },
): readonly Version[] {
  const types = query.get('match[type]')?.split(',');
  const ids = query.get('match[id]')?.split(',');
  const after = query.get('added_after');
  const since = after === null ? null : parsed(after);
  const chosen = versions.filter(
    ({ id, dateAdded }) =>
      (!by.identity || ((types?.includes(typeOf(id)) ?? true) && (ids?.includes(id) ?? true))) &&
      (since === null || dateAdded > since),
  );
  const ofSpec = filteredBySpec(chosen, query.get('match[spec_version]')?.split(','));
  return by.version ? filteredByVersion(ofSpec, (query.get('match[version]') ?? 'last').split(',')) : ofSpec;
}

/** Without a match, those of the highest version of STIX only. */
function filteredBySpec(versions: readonly Version[], match: readonly string[] | undefined): readonly Version[] {
  if (match !== undefined) return versions.filter(({ object }) => match.includes(specVersionOf(object)));
  const highest = new Map<string, string>();
  for (const { id, object } of versions) {
    const spec = specVersionOf(object);
    if (spec > (highest.get(id) ?? '')) highest.set(id, spec);
  }
  return versions.filter(({ id, object }) => specVersionOf(object) === highest.get(id));
}

function filteredByVersion(versions: readonly Version[], match: readonly string[]): readonly Version[] {
  if (match.includes('all')) return versions;
  if (versions.some(({ at }) => at === null)) throw new Refused(BROKEN);
  const dates = new Set(match.filter((each) => each !== 'first' && each !== 'last').map(parsed));
  const kept = new Set(versions.filter(({ at }) => at !== null && dates.has(at)));
  const newest = new Map<string, Version>();
  const oldest = new Map<string, Version>();
  for (const version of versions) {
    newest.set(version.id, laterOf(newest.get(version.id) ?? version, version));
    oldest.set(version.id, earlierOf(oldest.get(version.id) ?? version, version));
  }
  if (match.includes('last')) for (const version of newest.values()) kept.add(version);
  if (match.includes('first')) for (const version of oldest.values()) kept.add(version);
  return versions.filter((version) => kept.has(version));
}

function earlierOf(a: Version, b: Version): Version {
  return (b.at ?? '') < (a.at ?? '') ? b : a;
}

/** It goes by its manifest, and finds the first object of an instant for each entry: two versions of one instant are twice the first. */
export function byManifest(versions: readonly Version[], shelf: Shelf): readonly Version[] {
  if (versions.length === 0) return [];
  if (shelf.illTimed) throw new Refused(BROKEN);
  const firsts = new Map<string, Version>();
  for (const version of versions) if (!firsts.has(keyOf(version))) firsts.set(keyOf(version), version);
  return shelf.ofAny(versions.map(({ id }) => id)).flatMap((entry) => firsts.get(keyOf(entry)) ?? []);
}

function keyOf({ id, at }: Version): string {
  return `${id} ${at}`;
}

function parsed(text: string): string {
  const instant = instantOf(text);
  if (instant === null) throw new Refused(BROKEN);
  return instant;
}
