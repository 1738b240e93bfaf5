import { z } from 'zod';
import { instantOf } from './instant.ts';
import { observableOf, type StixObject, stixObject, textOf, typeOf } from './stix-object.ts';

/** One version of an object. */
export interface Version {
  readonly id: string;
  /** As text, in the way in which its producer wrote it. */
  readonly version: string;
  /** Null where that is no instant. */
  readonly at: string | null;
  readonly dateAdded: string;
  readonly object: StixObject;
  /** Another producer's. */
  readonly foreign: boolean;
}

const keptVersion = z.object({ version: z.string(), dateAdded: z.string(), object: stixObject, foreign: z.boolean() });
export const keptContents = z.object({
  versions: z.array(keptVersion),
  deleted: z.array(z.tuple([z.string(), z.string()])),
});

export function versionOf(
  { object, dateAdded, version }: { readonly object: StixObject; readonly dateAdded: string; readonly version: string },
  foreign = false,
): Version {
  return { id: object.id, version, at: instantOf(version), dateAdded, object, foreign };
}

/** What says which version of its object this is, where something does. */
export function writtenVersion(object: StixObject): string | undefined {
  return textOf(object, 'modified') ?? textOf(object, 'created');
}

/** The versions that one collection holds, in the order in which they came. */
export class Contents {
  /** With their places in the order. */
  readonly #versions = new Map<Version, number>();
  readonly #ofId = new Map<string, readonly Version[]>();
  /** Of indicators that are deleted: their observables. */
  readonly #deleted = new Map<string, string>();
  #illTimed = 0;
  #placed = 0;

  all(): readonly Version[] {
    return [...this.#versions.keys()];
  }

  of(id: string): readonly Version[] {
    return this.#ofId.get(id) ?? [];
  }

  ofAny(ids: Iterable<string>): readonly Version[] {
    const place = (version: Version): number => this.#versions.get(version) ?? 0;
    return [...new Set(ids)].flatMap((id) => this.of(id)).sort((a, b) => place(a) - place(b));
  }

  /** Whether some version is no instant. */
  get illTimed(): boolean {
    return this.#illTimed > 0;
  }

  /** The indicators that are there and those that were, with their versions. */
  *indicators(): Generator<{ readonly id: string; readonly value: string; readonly versions: readonly Version[] }> {
    for (const [id, value] of this.#deleted) if (!this.#ofId.has(id)) yield { id, value, versions: [] };
    for (const [id, versions] of this.#ofId) {
      const newest = newestOf(versions);
      const value = newest === undefined || typeOf(id) !== 'indicator' ? null : observableOf(newest.object);
      if (value !== null) yield { id, value, versions };
    }
  }

  add(version: Version): void {
    this.#placed += 1;
    this.#versions.set(version, this.#placed);
    this.#ofId.set(version.id, [...this.of(version.id), version]);
    if (version.at === null) this.#illTimed += 1;
  }

  remove(version: Version): void {
    if (!this.#versions.delete(version)) return;
    if (version.at === null) this.#illTimed -= 1;
    const left = this.of(version.id).filter((other) => other !== version);
    if (left.length > 0) this.#ofId.set(version.id, left);
    else this.#ofId.delete(version.id);
    const value = observableOf(version.object);
    if (value !== null) this.#deleted.set(version.id, value);
  }

  restore(kept: z.infer<typeof keptContents>): void {
    for (const { foreign, ...version } of kept.versions) this.add(versionOf(version, foreign));
    for (const [id, value] of kept.deleted) this.#deleted.set(id, value);
  }

  snapshot(): z.infer<typeof keptContents> {
    const versions = this.all().map(({ version, dateAdded, object, foreign }) => ({
      version,
      dateAdded,
      object,
      foreign,
    }));
    return { versions, deleted: [...this.#deleted] };
  }
}

/** The newest as an instant; of those of one instant, the first that came. */
export function newestOf(versions: readonly Version[]): Version | undefined {
  const [first, ...others] = versions;
  return first === undefined ? undefined : others.reduce(laterOf, first);
}

export function laterOf(a: Version, b: Version): Version {
  return (b.at ?? b.version) > (a.at ?? a.version) ? b : a;
}
