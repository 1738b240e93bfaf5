import type { Remark } from '../../indicators/artifact.ts';
import type { ArtifactStore, Unchanged } from '../artifacts.ts';
import { heldByUuid } from './held-attributes.ts';
import type { HeldAttribute } from './held-schemas.ts';
import { type AskKeyHolder, mustTag } from './key-holder.ts';
import { GONE, type LocalTags } from './local-tags.ts';
import type { MispMarkNames } from './mark-names.ts';
import type { MispClient } from './misp-client.ts';

interface Marking {
  readonly client: MispClient;
  readonly names: MispMarkNames;
  readonly holder: AskKeyHolder;
  readonly tags: LocalTags;
}

/**
 * Changes local tags of ours, and no others: what is shown beforehand as it is to be is let be, and a tag of the same name that is no
 * local one stays, and does instead of one.
 */
export function artifactMarker({ client, names, holder, tags }: Marking): ArtifactStore['mark'] {
  return async (artifacts, { add, remove }, signal) => {
    const user = await holder(signal);
    mustTag(user);
    const uuids = artifacts.map(({ remoteId }) => remoteId);
    const held = await heldByUuid(client, uuids, signal);
    const unchanged = uuids.flatMap((remoteId): Unchanged[] =>
      held.has(remoteId) ? [] : [{ remoteId, kind: 'gone', reason: GONE }],
    );
    const toAdd: { readonly missing: readonly string[]; readonly attribute: HeldAttribute }[] = [];
    for (const attribute of held.values()) {
      const declined = await takeAway(attribute, remove, signal);
      if (declined === null) toAdd.push({ missing: add.filter((name) => !hasTag(attribute, name)), attribute });
      else unchanged.push(declined);
    }
    for (const [missing, attributes] of alike(toAdd)) {
      unchanged.push(...(await tags.set(attributes, missing, user, signal)));
    }
    return unchanged;
  };

  async function takeAway(
    attribute: HeldAttribute,
    remove: Remark['remove'],
    signal: AbortSignal,
  ): Promise<Unchanged | null> {
    const goes = new Set(remove.filter((name) => names.has(name)).map((name) => name.toLowerCase()));
    for (const { id, name, local } of attribute.Tag ?? []) {
      if (local !== true || !goes.has(name.toLowerCase())) continue;
      const declined = await tags.takeAway(attribute, id, signal);
      if (declined !== null) return declined;
    }
    return null;
  }
}

function hasTag({ Tag }: HeldAttribute, wanted: string): boolean {
  return (Tag ?? []).some(({ name }) => name.toLowerCase() === wanted.toLowerCase());
}

/** Those that lack the same tags. */
function alike(
  all: readonly { readonly missing: readonly string[]; readonly attribute: HeldAttribute }[],
): Iterable<readonly [missing: readonly string[], attributes: readonly HeldAttribute[]]> {
  const groups = new Map<string, readonly [readonly string[], HeldAttribute[]]>();
  for (const { missing, attribute } of all) {
    if (missing.length === 0) continue;
    const group = groups.get(missing.join('\n')) ?? [missing, []];
    groups.set(missing.join('\n'), group);
    group[1].push(attribute);
  }
  return groups.values();
}
