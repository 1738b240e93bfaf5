import { Fault } from '../../indicators/fault.ts';
import { API, type MispClient } from './misp-client.ts';
import type { MispSettings } from './misp-settings.ts';
import { foundTags, ownUser } from './reply-schemas.ts';

/** Refused where the key's role cannot write, tag, or publish what it has to. */
export type CheckRights = (tlpTags: ReadonlySet<string>, signal: AbortSignal) => Promise<void>;

/**
 * Asks MISP what the role may before the first write: what it may not is left out there in silence. That a key is for reading only does not
 * show. What was found to be allowed is not asked for again.
 */
export function rightsCheck(client: Pick<MispClient, 'read'>, { publish }: Pick<MispSettings, 'publish'>): CheckRights {
  let makesTags: boolean | null = null;
  // By the signal: whoever gives up takes with him only those that give up with him.
  const asking = new WeakMap<AbortSignal, Promise<boolean>>();
  const known = new Set<string>();
  return async (tlpTags, signal) => {
    makesTags ??= await roleOf(signal);
    if (makesTags || [...tlpTags].every((tag) => known.has(tag))) return;
    const call = { method: 'GET', path: '/tags/index/searchall:tlp', needs: 'list tags' } as const;
    const { Tag } = await client.read(call, foundTags, signal);
    for (const { name } of Tag) known.add(name.toLowerCase());
    const missing = [...tlpTags].filter((tag) => !known.has(tag)).sort();
    if (missing.length === 0) return;
    makesTags = null;
    throw new Fault(
      'Refused',
      `${API} has no tag ${missing.join(', ')}, and the role of the destination's key may not make it (perm_tag_editor): grant that, or enable the taxonomy tlp and its tags there.`,
    );
  };

  /** Whether it may make tags; asked for once by all who ask side by side. */
  function roleOf(signal: AbortSignal): Promise<boolean> {
    const asked = asking.get(signal) ?? askRole(signal).finally(() => asking.delete(signal));
    asking.set(signal, asked);
    return asked;
  }

  async function askRole(signal: AbortSignal): Promise<boolean> {
    const call = { method: 'GET', path: '/users/view/me', needs: 'read its own user' } as const;
    const { Role } = await client.read(call, ownUser, signal);
    const lacking = [
      ...(Role.perm_add === false ? ['perm_add: it cannot write'] : []),
      ...(Role.perm_tagger === false ? ['perm_tagger: a TLP is a tag'] : []),
      ...(publish === 'afterBatch' && Role.perm_publish === false ? ['perm_publish: publish is afterBatch'] : []),
    ];
    if (lacking.length === 0) return Role.perm_tag_editor !== false;
    throw new Fault('Refused', `The role of the destination's key lacks ${lacking.join('; ')}. Grant it at ${API}.`);
  }
}
