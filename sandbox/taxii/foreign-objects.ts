import { type Version, versionOf } from './contents.ts';
import type { Shelf } from './dialect.ts';

const FOREIGN_IDENTITY = 'identity--f0e16000-0000-4000-8000-000000000000';
const HOUR = 3_600_000;

/** A collection in which another producer's indicators came first. */
export function withForeignObjects(shelf: Shelf, count: number): Shelf {
  if (count === 0) return shelf;
  const foreign = Array.from({ length: count }, (_, index) => foreignObject(index + 1));
  const ofId = new Map(foreign.map((version) => [version.id, version]));
  const of = (id: string): readonly Version[] => {
    const theirs = ofId.get(id);
    return theirs === undefined ? shelf.of(id) : [theirs];
  };
  return {
    all: () => [...foreign, ...shelf.all()],
    of,
    ofAny(ids) {
      const wanted = new Set(ids);
      return [...foreign.filter(({ id }) => wanted.has(id)), ...shelf.ofAny(wanted)];
    },
    illTimed: shelf.illTimed,
  };
}

function foreignObject(number: number): Version {
  const version = '2020-01-01T00:00:00.000Z';
  return versionOf(
    {
      object: {
        type: 'indicator',
        spec_version: '2.1',
        id: `indicator--f0e16000-0000-4000-8000-${String(number).padStart(12, '0')}`,
        created_by_ref: FOREIGN_IDENTITY,
        created: version,
        modified: version,
        pattern: `[domain-name:value = 'foreign-${number}.example.net']`,
        pattern_type: 'stix',
        valid_from: version,
      },
      version,
      dateAdded: `2020-01-01T00:00:00.${String(Math.min(number, 999_999)).padStart(6, '0')}Z`,
    },
    true,
  );
}

/** What another producer makes of a version, an hour later. */
export function overwriting({ object, at, dateAdded }: Version): Version {
  const modified = new Date(Date.parse(at ?? dateAdded) + HOUR).toISOString();
  const theirs = { ...object, modified, confidence: 1, created_by_ref: FOREIGN_IDENTITY };
  return versionOf({ object: theirs, version: modified, dateAdded }, true);
}
