import type { HttpReply } from '../../http/http-client.ts';
import { Fault } from '../../indicators/fault.ts';
import { plainWords } from '../../indicators/plain-words.ts';
import type { Unchanged } from '../artifacts.ts';
import { type HeldAttribute, type TagAnswer, tagAnswer } from './held-schemas.ts';
import type { KeyHolder } from './key-holder.ts';
import type { MarkTags } from './mark-tags.ts';
import { API, type MispCall, type MispClient, messageOf, refusal } from './misp-client.ts';

/** Tags that stay on this instance: they neither change an attribute's time nor unpublish its event. */
export interface LocalTags {
  /**
   * Sets tags that the attributes lack. Returns what was declined of one attribute; of several that is not told: then it is `Rejected`.
   * `Refused` where the key may set none on what is another organisation's.
   */
  set(
    attributes: readonly HeldAttribute[],
    names: readonly string[],
    user: Pick<KeyHolder, 'organisation'>,
    signal: AbortSignal,
  ): Promise<readonly Unchanged[]>;
  /** Takes one away that the attribute has. Null when it has it no longer. */
  takeAway(attribute: HeldAttribute, tagId: number, signal: AbortSignal): Promise<Unchanged | null>;
}

export const GONE = `it is not at ${API} any more`;
const NEEDS = 'tag attributes';

/** (Sources: MISP 2.5.1, AttributesController::addTag, TagsController::attachTagToObject, removeTagFromObject, ACLComponent::canModifyTag.) */
export function localTags(client: Pick<MispClient, 'send'>, markTags: MarkTags): LocalTags {
  /** Whether one was set on what is another organisation's: only users of the instance's own may. */
  let setsForeign = false;

  return {
    async set(attributes, names, { organisation }, signal) {
      const ids = (await markTags.ids(names, signal)).map(String);
      const call: MispCall = {
        method: 'POST',
        path: '/attributes/addTag/selected/local:1',
        body: { attribute_ids: JSON.stringify(attributes.map(({ id }) => String(id))), tag: JSON.stringify(ids) },
        needs: NEEDS,
        answers: [404],
      };
      const reply = await client.send(call, signal);
      const foreign = attributes.find(({ Event }) => Event.orgc_id !== organisation);
      if (reply.status === 200 && answerOf(reply).saved === true) {
        setsForeign ||= foreign !== undefined;
        return [];
      }
      if (reply.status === 404 && !/invalid attribute/i.test(messageOf(reply))) throw refusal(reply, call);
      markTags.forget(names);
      const [only, ...others] = attributes;
      if (only !== undefined && others.length === 0) return setOnOne(only, ids, foreign !== undefined, signal);
      if (foreign !== undefined && !setsForeign) await setOnOne(foreign, ids, true, signal);
      throw new Fault('Rejected', `${API} did not set local tags on all of ${attributes.length} attributes.`);
    },

    async takeAway({ uuid: remoteId }, tagId, signal) {
      const call: MispCall = {
        method: 'POST',
        path: '/tags/removeTagFromObject',
        body: { uuid: remoteId, tag: String(tagId) },
        needs: NEEDS,
        answers: [403, 404, 405],
      };
      const reply = await client.send(call, signal);
      const message = messageOf(reply);
      const { saved, errors } = answerOf(reply);
      if (reply.status === 200) return saved === false ? refused(remoteId, errors) : null;
      if (reply.status === 404 && /not attached/i.test(message)) return null;
      if (reply.status === 405 && /invalid tag/i.test(message)) return null;
      if (reply.status === 404 && /invalid target/i.test(message)) return { remoteId, kind: 'gone', reason: GONE };
      if (reply.status === 403 && saved === false) return refused(remoteId, errors);
      if (reply.status === 403 && /remove local tags|alter the tags/i.test(message)) return refused(remoteId, message);
      throw refusal(reply, call);
    },
  };

  /** The same for one, of which is told what was wrong. */
  async function setOnOne(
    { uuid: remoteId }: HeldAttribute,
    ids: readonly string[],
    isForeign: boolean,
    signal: AbortSignal,
  ): Promise<readonly Unchanged[]> {
    const call: MispCall = {
      method: 'POST',
      path: '/tags/attachTagToObject',
      body: { uuid: remoteId, tag: ids, local: 1 },
      needs: NEEDS,
      answers: [403, 404],
    };
    const reply = await client.send(call, signal);
    const { saved, errors, message } = answerOf(reply);
    if (reply.status === 404 && /invalid target/i.test(message ?? ''))
      return [{ remoteId, kind: 'gone', reason: GONE }];
    if (reply.status === 200) {
      if (saved === true && !/failed to attach/i.test(message ?? '')) return [];
      return [refused(remoteId, errors ?? message)];
    }
    if (reply.status === 404 || saved !== false) throw refusal(reply, call);
    if (isForeign && typeof errors === 'string' && /host organisation/i.test(errors)) {
      throw new Fault(
        'Refused',
        `${API} lets only users of its host organisation set local tags on what other organisations have made: use a key of one, or select ownOnly: true.`,
      );
    }
    return [refused(remoteId, errors)];
  }
}

function refused(remoteId: string, said: unknown): Unchanged {
  const words = typeof said === 'string' ? plainWords(said) : '';
  return { remoteId, kind: 'refused', reason: `${API} declined it${words === '' ? '' : `: ${words}`}` };
}

function answerOf({ text }: HttpReply): Partial<TagAnswer> {
  try {
    return tagAnswer.safeParse(JSON.parse(text)).data ?? {};
  } catch {
    return {};
  }
}
