import { createHash } from 'node:crypto';
import type { Facts, Tlp } from '../../indicators/indicator.ts';
import type { Deliverable, Held, Rendered } from '../destination.ts';
import { type AttributeForm, attributeForm } from './attribute-form.ts';
import { ATTRIBUTE_TYPES } from './attribute-types.ts';
import { commentOf } from './comment.ts';
import type { MispIds } from './misp-ids.ts';
import type { MispSettings } from './misp-settings.ts';
import { tagsOf, tlpTag } from './tags.ts';

export interface Rendering {
  readonly ids: MispIds;
  readonly settings: Pick<MispSettings, 'sourceTags' | 'extraTags'>;
  readonly tlpDefault: Tlp;
}

/** What MISP would hold for an item. It stays in the event that it is known to be in, however many events there are to be. */
export function render(
  { id, indicator, verdict, held }: Deliverable,
  { ids, settings, tlpDefault }: Rendering,
): Rendered {
  const { key, facts } = indicator;
  const tlp = facts.tlp ?? tlpDefault;
  const said = {
    ...ATTRIBUTE_TYPES[key.type],
    comment: commentOf(indicator, verdict),
    tlp: tlpTag(tlp),
    tags: tagsOf({ tlp, threat: facts.threat, verdict, sourceTags: facts.tags }, settings),
    ...seen(facts),
  };
  const form: AttributeForm = { event: heldForms(held)[0]?.event ?? ids.event(key), ...said };
  const isHeld = (held?.remoteId ?? null) !== null;
  return {
    id,
    key,
    hash: createHash('sha256')
      .update(JSON.stringify([key.value, Object.entries(said)]))
      .digest('base64url')
      .slice(0, 22),
    batchKey: `${isHeld ? 'change' : 'bring'} ${form.event}`,
    value: key.value,
    form,
    ...(held === undefined ? {} : { held }),
  };
}

/** The forms that it has there, or may have, as far as they are known. */
export function heldForms(held: Held | undefined): readonly AttributeForm[] {
  return [held?.form ?? null, ...(held?.maybes ?? [])].flatMap((form) => attributeForm.safeParse(form).data ?? []);
}

/** Its end is when it was seen last, as STIX's `valid_until` is to misp-stix; MISP refuses one that is before the first. */
function seen({ validFrom, validUntil }: Facts): Pick<AttributeForm, 'firstSeen' | 'lastSeen'> {
  const firstSeen = validFrom === null ? null : instant(validFrom);
  const end = validUntil === null ? null : instant(validUntil);
  return { firstSeen, lastSeen: firstSeen !== null && end !== null && end < firstSeen ? firstSeen : end };
}

/** MISP keeps microseconds. */
function instant(sourceTime: string): string {
  return `${sourceTime.slice(0, 26)}Z`;
}
