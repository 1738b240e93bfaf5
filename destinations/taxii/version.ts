import { z } from 'zod';
import type { Form, Held, Rendered } from '../destination.ts';

/** Of an indicator in a collection: which version of which id. It is what the ledger keeps of it. */
const formShape = z.object({
  id: z.string(),
  generation: z.int().min(0),
  created: z.string(),
  modified: z.string(),
  /** Ids of earlier generations that may be current still: they are revoked with it. */
  earlier: z.array(z.string()).default([]),
});
export type VersionForm = z.infer<typeof formShape>;

export interface NextVersion {
  readonly generation: number;
  readonly created: string;
  /** The newest that may be there under this id; null: none that is known. */
  readonly previous: string | null;
  readonly earlier: readonly string[];
}

/** Null for one that nobody has written down. */
export function versionForm(form: Form | null): VersionForm | null {
  return formShape.safeParse(form).data ?? null;
}

/** All that is known to be there, or may be: the newest first. */
export function knownVersions(held: Held | undefined): readonly VersionForm[] {
  const forms = held === undefined ? [] : [held.form, ...held.maybes];
  return forms.flatMap((form) => versionForm(form) ?? []);
}

/** Generations of which an id is looked for. Each is one withdrawal. */
const MOST_GENERATIONS = 64;

/** Of which generation an id is; null for none of ours. */
function generationOf(id: string, idOf: (generation: number) => string): number | null {
  for (let generation = 0; generation < MOST_GENERATIONS; generation += 1)
    if (idOf(generation) === id) return generation;
  return null;
}

/**
 * The version to write next, derived from what is held alone: the same however often it is asked. What was withdrawn, or may have been, is
 * revoked for good, and comes back under the next generation's id; so does what was seen to be revoked, of which `remoteId` names the next one.
 */
export function nextVersion(held: Held | undefined, first: string, idOf: (generation: number) => string): NextVersion {
  const known = knownVersions(held);
  const named = nameOf(held, known, idOf);
  const newest = Math.max(named, ...known.map(({ generation }) => generation), -1);
  const generation = held?.withdrawn === undefined ? Math.max(newest, 0) : newest + 1;
  const same = known.filter((form) => form.generation === generation);
  const doubtful = knownVersions(held === undefined ? undefined : { ...held, form: null });
  const earlier = doubtful.flatMap((form) =>
    form.generation < generation ? [form.id].concat(form.earlier) : form.earlier,
  );
  return {
    generation,
    created: same[0]?.created ?? first,
    previous:
      same
        .map(({ modified }) => modified)
        .sort()
        .at(-1) ?? null,
    earlier: [...new Set(earlier)],
  };
}

function nameOf(held: Held | undefined, known: readonly VersionForm[], idOf: (generation: number) => string): number {
  const remoteId = held?.remoteId ?? null;
  if (remoteId === null) return -1;
  const form = known.find(({ id }) => id === remoteId);
  return form?.generation ?? generationOf(remoteId, idOf) ?? -1;
}

/** The ids that a shipment's item is about. */
export function idsOf({ form }: Pick<Rendered, 'form'>): readonly string[] {
  const version = versionForm(form);
  return version === null ? [] : [version.id, ...version.earlier];
}
