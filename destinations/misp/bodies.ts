import { likeness, type Wanted } from './likeness.ts';
import { DISTRIBUTIONS, type MispSettings } from './misp-settings.ts';
import type { ShownAttribute } from './reply-schemas.ts';

type Json = Readonly<Record<string, unknown>>;

/** What the names of our events say, whichever deployment made them. */
export const IN_EVENT_NAMES = '(mdti-sync ';

/** "Inherit event". (Source: MISP 2.5.1, MispAttribute.) */
const AS_EVENT = 5;

/** An attribute that is new there. */
export function newAttribute({ item, uuid, form }: Wanted): Json {
  return {
    uuid,
    type: form.type,
    category: form.category,
    value: item.value,
    distribution: AS_EVENT,
    ...said({ form }),
    Tag: form.tags.map((name) => ({ name })),
  };
}

/** A change of one that is there: what is not ours of it is sent as it is. One that was deleted may have been blanked, and comes back whole. */
export function changedAttribute(wanted: Wanted, shown: ShownAttribute): Json {
  const { item, uuid, form } = wanted;
  const { missing, stale } = likeness(wanted, shown);
  const { type, category, value } = shown.deleted ? { ...form, value: item.value } : shown;
  const tags = [...missing.map((name) => ({ name })), ...stale.map((name) => ({ name, deleted: true }))];
  return {
    uuid,
    type,
    category,
    value,
    ...said({ form }),
    ...(shown.deleted ? { deleted: false } : {}),
    ...(tags.length === 0 ? {} : { Tag: tags }),
  };
}

/** One that has ended. */
export function endedAttribute({ uuid, type, category, value }: ShownAttribute, how: MispSettings['withdraw']): Json {
  return { uuid, type, category, value, ...(how === 'delete' ? { deleted: true } : { to_ids: false }) };
}

export function newEvent(
  uuid: string,
  { eventInfo, distribution, sharingGroup }: Pick<MispSettings, 'eventInfo' | 'distribution' | 'sharingGroup'>,
): Json {
  return {
    uuid,
    info: `${eventInfo} ${IN_EVENT_NAMES}${uuid.slice(0, 8)})`,
    distribution: DISTRIBUTIONS[distribution],
    ...(sharingGroup === undefined ? {} : { sharing_group_id: sharingGroup }),
    // "Undefined", and "Completed": nobody has to work on it.
    threat_level_id: 4,
    analysis: 2,
    published: false,
  };
}

/** One that was deleted, and is not shown because of that. */
export function restoredAttribute(wanted: Wanted): Json {
  return { ...newAttribute(wanted), deleted: false };
}

/** Whether it was on when we saw it last, and we have not withdrawn it: if it is off, someone else has switched it off. */
export function wasOn({ item: { held } }: Wanted): boolean {
  return held !== undefined && held.remoteId !== null && held.form !== null && held.withdrawn === undefined;
}

function said({ form }: Pick<Wanted, 'form'>): Json {
  const { comment, firstSeen, lastSeen } = form;
  return {
    to_ids: true,
    comment,
    ...(firstSeen === null ? {} : { first_seen: firstSeen }),
    ...(lastSeen === null ? {} : { last_seen: lastSeen }),
  };
}
