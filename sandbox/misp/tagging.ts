import type { Rooms } from './answer.ts';
import { fieldsOf, isSet, isTrue, textOf } from './loose.ts';
import type { Tagged, TagRecord } from './records.ts';

/** The tag of that name, made when there is none; null when the role may not, or it is another's. (Source: MISP 2.5.1, Tag::captureTag.) */
function captureTag({ instance, faults }: Rooms, name: string): TagRecord | null {
  if (name === '' || isForeignTag(faults().foreignTags, name)) return null;
  return instance.tags.named(name) ?? (faults().role.makesTags ? instance.tags.add(name) : null);
}

export function isForeignTag(foreign: readonly string[], name: string): boolean {
  return foreign.some((one) => one.toLowerCase() === name.trim().toLowerCase());
}

interface Asks {
  /** Whether it matters that the role may tag. */
  readonly asks: boolean;
}

/**
 * Tags with what a write says of them: set, or with `deleted` taken away. Whatever the role may not do is left out in silence.
 * (Source: MISP 2.5.1, MispAttribute::captureAttribute, editAttributePostProcessing; Event::__captureObjects, _edit.)
 */
export function tagsAfter(rooms: Rooms, before: readonly Tagged[], sent: unknown, { asks }: Asks): Tagged[] {
  let tags = [...before];
  if (!isSet(sent) || (asks && !rooms.faults().role.tags)) return tags;
  for (const one of Array.isArray(sent) ? sent : [sent]) {
    const fields = fieldsOf(one);
    const tag = captureTag(rooms, textOf(fields['name']) ?? '');
    if (tag !== null && isTrue(fields['deleted'])) tags = tags.filter(({ id }) => id !== tag.id);
    else if (tag !== null && !tags.some(({ id }) => id === tag.id)) {
      tags.push({ id: tag.id, local: isTrue(fields['local']), ours: true });
    }
  }
  return tags;
}
