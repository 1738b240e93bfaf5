import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type Marking, strictest, TLP_MARKINGS } from './markings.ts';
import type { PushedObject } from './pushed-object.ts';
import { standardId } from './standard-id.ts';

export const identity = z.object({
  internalId: z.string().default(() => randomUUID()),
  standardId: z.string(),
  name: z.string(),
  identityClass: z.string(),
  stixIds: z.array(z.string()),
});
export type Identity = z.infer<typeof identity>;

const pushedMarking = z.looseObject({
  definition_type: z.string().nullish(),
  definition: z.union([z.string(), z.record(z.string(), z.string())]).nullish(),
  name: z.string().nullish(),
});

const pushedIdentity = z.looseObject({ name: z.string(), identity_class: z.string().default('organization') });

interface SavedReferences {
  readonly markings: readonly Marking[];
  readonly identities: readonly Identity[];
}

/** Marking definitions and identities, which indicators refer to. What is referred to and not known is left out. */
export class References {
  readonly #markings = new Map<string, Marking>();
  readonly #identities = new Map<string, Identity>();

  constructor(saved: SavedReferences | null) {
    for (const one of saved?.markings ?? TLP_MARKINGS) this.#markings.set(one.standardId, one);
    for (const one of saved?.identities ?? []) this.#identities.set(one.standardId, one);
  }

  /** Objects of other types are taken in too, and nothing here shows them. */
  take(object: PushedObject): void {
    if (object.type === 'marking-definition') this.#takeMarking(object);
    if (object.type === 'identity') this.#takeIdentity(object);
  }

  /** Of those that are known, the standard ids, the strictest of each type. (Source: OpenCTI, `inputResolveRefs`: missing ones are dropped in the end.) */
  markings(refs: readonly string[]): string[] {
    return this.strictest(refs.flatMap((ref) => known(this.#markings, ref)?.standardId ?? []));
  }

  strictest(ids: readonly string[]): string[] {
    return strictest(ids.flatMap((id) => this.#markings.get(id) ?? [])).map((one) => one.standardId);
  }

  author(ref: string | null): string | null {
    return ref === null ? null : (known(this.#identities, ref)?.standardId ?? null);
  }

  marking(id: string): Marking | null {
    return this.#markings.get(id) ?? null;
  }

  allMarkings(): Marking[] {
    return [...this.#markings.values()];
  }

  allIdentities(): Identity[] {
    return [...this.#identities.values()];
  }

  /** The standard id of the marking of that definition; the definition itself where there is none. */
  markingNamed(name: string): string {
    return this.allMarkings().find(({ definition }) => definition === name)?.standardId ?? name;
  }

  /** The standard id of the author of that name, who is made where there is none. */
  named(name: string): string {
    this.#takeIdentity({
      type: 'identity',
      id: standardId('identity', { name }),
      name,
      identity_class: 'organization',
    });
    return standardId('identity', { identity_class: 'organization', name: name.toLowerCase().trim() });
  }

  /** By the id of any kind. */
  identity(id: string): Identity | null {
    const isIt = ({ internalId }: Identity): boolean => internalId === id;
    return known(this.#identities, id) ?? [...this.#identities.values()].find(isIt) ?? null;
  }

  snapshot(): { markings: Marking[]; identities: Identity[] } {
    return { markings: [...this.#markings.values()], identities: [...this.#identities.values()] };
  }

  #takeMarking(object: PushedObject): void {
    const read = pushedMarking.safeParse(object);
    const defined = read.success ? definitionOf(read.data) : null;
    if (defined === null) return;
    const same = [...this.#markings.values()].find((one) => one.definition === defined.definition);
    const id = standardId('marking-definition', {
      definition: defined.definition,
      definition_type: defined.definitionType,
    });
    const kept = same ?? { ...defined, standardId: id, order: 0, stixIds: [] };
    this.#markings.set(kept.standardId, { ...kept, stixIds: [...new Set([...kept.stixIds, object.id])] });
  }

  #takeIdentity(object: PushedObject): void {
    const read = pushedIdentity.safeParse(object);
    if (!read.success) return;
    const { name, identity_class: identityClass } = read.data;
    const id = standardId('identity', {
      identity_class: identityClass.toLowerCase(),
      name: name.toLowerCase().trim(),
    });
    const { internalId = randomUUID(), stixIds = [] } = this.#identities.get(id) ?? {};
    const ids = [...new Set([...stixIds, object.id])];
    this.#identities.set(id, { internalId, standardId: id, name, identityClass, stixIds: ids });
  }
}

/** A definition that is known under another id is the same marking, as that of TLP 2.0. (Source: pycti, `MarkingDefinition.import_from_stix2`.) */
function definitionOf(read: z.infer<typeof pushedMarking>): Pick<Marking, 'definition' | 'definitionType'> | null {
  const { definition_type: type, definition: given, name } = read;
  const inner = typeof given === 'string' ? given : given?.[type ?? ''];
  const isTlp = type === 'tlp';
  const definition = inner === undefined ? name : isTlp ? `TLP:${inner.toUpperCase()}` : inner;
  if (definition === null || definition === undefined) return null;
  const definitionType = isTlp
    ? 'TLP'
    : (type ?? (definition.includes(':') ? definition.replace(/:.*/s, '') : 'statement'));
  return { definitionType, definition: definition === 'TLP:WHITE' ? 'TLP:CLEAR' : definition };
}

function known<Kept extends { readonly stixIds: readonly string[] }>(
  kept: Map<string, Kept>,
  ref: string,
): Kept | undefined {
  return kept.get(ref) ?? [...kept.values()].find(({ stixIds }) => stixIds.includes(ref));
}
