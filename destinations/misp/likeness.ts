import { TLP_LEVELS } from '../../indicators/indicator.ts';
import { isTlpTag, tlpOf } from '../../indicators/tlp.ts';
import type { Rendered } from '../destination.ts';
import { type AttributeForm, attributeForm } from './attribute-form.ts';
import { heldForms } from './render.ts';
import type { ShownAttribute } from './reply-schemas.ts';
import { isSameValue } from './same-value.ts';
import { OUR_TAGS } from './tags.ts';

/** An item of which is known what MISP is to hold. */
export interface Wanted {
  readonly item: Rendered;
  readonly uuid: string;
  readonly form: AttributeForm;
}

/** How an attribute of ours differs from what it is to be, in what is ours of it. */
export interface Likeness {
  readonly isSameValue: boolean;
  /** Comment and times. */
  readonly isSameText: boolean;
  readonly missing: readonly string[];
  /** Tags of ours that it is to have no longer. */
  readonly stale: readonly string[];
}

/** Null for an item of which only the value is known. */
export function wantedOf(item: Rendered): Wanted | null {
  const form = attributeForm.safeParse(item.form);
  return form.success ? { item, uuid: form.data.uuid, form: form.data } : null;
}

/** Whether it is shown to those who use MISP for detection. */
export function isOn({ deleted, to_ids }: ShownAttribute): boolean {
  return !deleted && to_ids;
}

/**
 * What others have changed or added there is theirs: category, distribution, other tags. Of markings the strictest holds: where others have
 * set one that is stricter, ours is not put beside it, and one that is more open does not stay beside ours, whoever has set it.
 */
export function likeness({ item, form }: Wanted, shown: ShownAttribute): Likeness {
  const has = new Set((shown.Tag ?? []).map(({ name }) => name.toLowerCase()));
  const wanted = new Set(form.tags.map((name) => name.toLowerCase()));
  const before = heldForms(item.held).flatMap(({ tags }) => tags);
  const byName = (shown.Tag ?? []).map(({ name }) => name).filter((name) => name.toLowerCase().startsWith(OUR_TAGS));
  const level = levelOf(form.tlp);
  const isOurs = new Set(before.map((name) => name.toLowerCase()));
  const markings = (shown.Tag ?? []).map(({ name }) => name).filter((name) => levelOf(name) >= 0);
  const tooOpen = markings.filter((name) => levelOf(name) < level);
  const isStricter = markings.some((name) => levelOf(name) > level && !isOurs.has(name.toLowerCase()));
  const ours = new Map([...before, ...byName, ...tooOpen].map((name) => [name.toLowerCase(), name]));
  return {
    isSameValue: isSameValue(form.type, item.value, shown.value),
    isSameText:
      oneLine(shown.comment) === oneLine(form.comment) &&
      isSameTime(form.firstSeen, shown.first_seen) &&
      isSameTime(form.lastSeen, shown.last_seen),
    missing: form.tags.filter((name) => !has.has(name.toLowerCase()) && !(isStricter && name === form.tlp)),
    stale: [...ours].flatMap(([key, name]) => (has.has(key) && !wanted.has(key) ? [name] : [])),
  };
}

/** Of a tag that is a TLP; -1 of any other. */
function levelOf(tag: string): number {
  const tlp = isTlpTag(tag) ? tlpOf([], [tag]) : null;
  return tlp === null ? -1 : TLP_LEVELS.indexOf(tlp);
}

/** Whether there is nothing to be done about it. */
export function isAsWanted(wanted: Wanted, shown: ShownAttribute | undefined): boolean {
  if (shown === undefined || !isOn(shown)) return false;
  const { isSameText, missing, stale } = likeness(wanted, shown);
  return isSameText && missing.length === 0 && stale.length === 0;
}

/** A time that is set cannot be taken away by an edit: null counts as not said there. (Source: MISP 2.5.1, MispAttribute::editAttribute.) */
function isSameTime(wanted: string | null, shown: string | null): boolean {
  return wanted === null || (shown !== null && Date.parse(wanted) === Date.parse(shown));
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
