import { createHash } from 'node:crypto';
import type { Facts, Tlp } from '../../indicators/indicator.ts';
import { realBeginning } from '../../indicators/stix-time.ts';
import type { Deliverable, Held, Rendered, Withdrawable } from '../destination.ts';
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

/** What MISP would hold for an item. It stays what and where it is known to be, however many events there are to be, and for whomever. */
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
  const event = heldForms(held)[0]?.event ?? ids.event(key);
  const form: AttributeForm = { event, uuid: uuidOf({ key, held: held ?? null }, ids), ...said };
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

/** Of the attribute that is there, or may be; else of the one that would be new there. */
export function uuidOf({ key, held }: Pick<Withdrawable, 'key' | 'held'>, ids: MispIds): string {
  const [form] = heldForms(held ?? undefined);
  const known = form?.uuid ?? held?.remoteId ?? '';
  // A pipeline may have delivered elsewhere before, where ids have other forms.
  return UUID.test(known) ? known : ids.attribute(key);
}

/** Of an item of a shipment, whatever is known of it. */
export function uuidOfRendered({ key, form, held }: Rendered, ids: MispIds): string {
  return attributeForm.safeParse(form).data?.uuid ?? uuidOf({ key, held: held ?? null }, ids);
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Its end is when it was seen last, as STIX's `valid_until` is to misp-stix; MISP refuses one that is before the first. */
function seen({ validFrom, validUntil }: Facts): Pick<AttributeForm, 'firstSeen' | 'lastSeen'> {
  const beginning = realBeginning(validFrom);
  const firstSeen = beginning === null ? null : instant(beginning);
  const end = validUntil === null ? null : instant(validUntil);
  return { firstSeen, lastSeen: firstSeen !== null && end !== null && end < firstSeen ? firstSeen : end };
}

/** MISP keeps microseconds. */
function instant(sourceTime: string): string {
  return `${sourceTime.slice(0, 26)}Z`;
}
