import { type IndicatorKey, TLP_LEVELS } from '../../indicators/indicator.ts';
import { OPENCTI_TYPES } from '../../indicators/stix-opencti.ts';
import { tlpOf } from '../../indicators/tlp.ts';
import { digestOf } from './digest.ts';
import type { OpenCtiForm } from './opencti-form.ts';
import { isCurrent, type ShownIndicator } from './shown-indicator.ts';

/**
 * In what an indicator is shown otherwise than it was sent, in words; nothing where OpenCTI has taken it in. Labels and markings only
 * accumulate there, and a TLP can only rise. Where a decay rule is at work, score and end are the rule's, also an end that has come:
 * that it decays from the score that was sent is all that there is to see. (Source: OpenCTI, utils/upsert-utils; modules/decayRule.)
 */
export function differences(shown: ShownIndicator, form: OpenCtiForm, key: IndicatorKey, at: Date): readonly string[] {
  return [
    ...(shown.name.trim() === key.value.trim() ? [] : ['name']),
    ...(shown.x_opencti_main_observable_type === OPENCTI_TYPES[key.type] ? [] : ['observable type']),
    ...(form.description === null || form.description === digestOf(shown.description ?? '') ? [] : ['description']),
    ...(hasAll(shown.indicator_types, form.types) ? [] : ['indicator types']),
    ...(hasAll(
      (shown.objectLabel ?? []).map(({ value }) => value ?? ''),
      form.labels,
    )
      ? []
      : ['labels']),
    ...(isMarked(shown, form) ? [] : ['marking']),
    ...(decaysAsSent(shown, form) ? [] : standsAsSent(shown, form, at)),
  ];
}

/** Whether OpenCTI's decay has ended what was taken in. */
export function hasDecayed(shown: ShownIndicator, form: OpenCtiForm, at: Date): boolean {
  return decaysAsSent(shown, form) && !isCurrent(shown, at);
}

/** A score of 0 is that of a withdrawal. */
function decaysAsSent({ decay_base_score: base, x_opencti_score: score }: ShownIndicator, form: OpenCtiForm): boolean {
  return base === form.score && score !== 0;
}

function standsAsSent(shown: ShownIndicator, { score, until }: OpenCtiForm, at: Date): readonly string[] {
  const scored = shown.x_opencti_score === score ? [] : ['score'];
  const end = until === null ? null : Date.parse(until);
  if (end !== null && end <= at.getTime()) return [...scored, ...(isCurrent(shown, at) ? ['end'] : [])];
  return [
    ...scored,
    ...(end === null || end === shown.valid_until ? [] : ['end']),
    ...(isCurrent(shown, at) ? [] : ['revoked']),
  ];
}

function isMarked({ objectMarking }: ShownIndicator, { tlp }: OpenCtiForm): boolean {
  const names = (objectMarking ?? []).flatMap(({ standard_id: id, definition }) => [id, definition ?? '']);
  const shown = tlpOf(names, []);
  return shown !== null && TLP_LEVELS.indexOf(shown) >= TLP_LEVELS.indexOf(tlp);
}

/** OpenCTI may write labels in lower case. */
function hasAll(shown: readonly string[], sent: readonly string[]): boolean {
  const known = new Set(shown.map(plain));
  return sent.every((one) => known.has(plain(one)));
}

function plain(text: string): string {
  return text.trim().toLowerCase();
}
