import { Fault } from '../../indicators/fault.ts';
import { listedTags, madeTag } from './held-schemas.ts';
import type { AskKeyHolder } from './key-holder.ts';
import { API, type MispClient, refusal } from './misp-client.ts';

/** The ids that MISP knows tags by. */
export interface MarkTags {
  /** In the same order; those that are not there are made. */
  ids(names: readonly string[], signal: AbortSignal): Promise<readonly number[]>;
  /** They may be other ones by now. */
  forget(names: readonly string[]): void;
}

export function markTags(client: MispClient, prefix: string, holder: AskKeyHolder): MarkTags {
  const known = new Map<string, number>();

  async function learn(signal: AbortSignal): Promise<void> {
    const path = `/tags/index/searchall:${prefix}/exclude_statistics:1`;
    const { Tag } = await client.read({ method: 'GET', path, needs: 'list tags' }, listedTags, signal);
    for (const { id, name } of Tag) known.set(name.toLowerCase(), id);
  }

  async function make(name: string, signal: AbortSignal): Promise<void> {
    const { makesTags } = await holder(signal);
    if (!makesTags) {
      throw new Fault(
        'Refused',
        `${API} has no tag ${name}, and the role of the destination's key may not make it (perm_tag_editor): grant that, or have the tags made there.`,
      );
    }
    const call = { method: 'POST', path: '/tags/add', body: { name }, needs: 'make tags', answers: [405] } as const;
    const reply = await client.send(call, signal);
    if (reply.status === 200) {
      const { Tag } = madeTag.safeParse(JSON.parse(reply.text)).data ?? {};
      if (Tag !== undefined) known.set(name.toLowerCase(), Tag.id);
      return;
    }
    // Somebody else may have made it just before.
    await learn(signal);
    if (!known.has(name.toLowerCase())) throw refusal(reply, call);
  }

  return {
    async ids(names, signal) {
      const isKnown = (name: string): boolean => known.has(name.toLowerCase());
      if (!names.every(isKnown)) await learn(signal);
      for (const name of names) if (!isKnown(name)) await make(name, signal);
      return names.map((name) => {
        const id = known.get(name.toLowerCase());
        if (id === undefined) throw new Fault('Unavailable', `${API} made a tag, and did not say which.`);
        return id;
      });
    },
    forget(names) {
      for (const name of names) known.delete(name.toLowerCase());
    },
  };
}
