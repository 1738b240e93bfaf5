import { createHash } from 'node:crypto';
import { type StixDialect, type StixIndicator, stixIndicator } from '../../indicators/stix.ts';
import { openCtiExtensions } from '../../indicators/stix-opencti.ts';
import { sureness } from '../../indicators/stix-reputation.ts';
import { realBeginning, stixTime } from '../../indicators/stix-time.ts';
import type { Deliverable, Rendered } from '../destination.ts';
import { digestOf } from './digest.ts';
import { formsOf, type OpenCtiForm } from './opencti-form.ts';
import type { OpenCtiSettings } from './opencti-settings.ts';
import { scoreToSend, standing } from './score-to-send.ts';

/** Of what the source says no beginning of. */
const UNDATED = '2026-01-01T00:00:00.000Z';

/** What OpenCTI would hold for an item. Pure: it depends on the item, on what is held of it and on the settings alone. */
export function render(
  { id, indicator, verdict, held }: Deliverable,
  settings: OpenCtiSettings,
  dialect: StixDialect,
): Rendered {
  const { key, facts } = indicator;
  const sent = formsOf(held);
  const previous = sent.at(-1);
  const created = previous?.created ?? stixTime(realBeginning(facts.validFrom) ?? UNDATED);
  const wanted = standing(sureness(facts, verdict) ?? settings.defaultScore);
  const isWithdrawn = held?.withdrawn !== undefined;
  const score = scoreToSend(wanted, sent, { isWithdrawn, decayRules: settings.decayRules });
  // With a confidence, a lower one than before would hardly change anything: without, it is always the highest that the user may have.
  const { confidence: _, ...written } = stixIndicator({ indicator, verdict }, dialect, {
    generation: 0,
    created,
    previous: previous?.modified ?? null,
    now: created,
  });
  const labels = [...new Set([...(written.labels ?? []), ...settings.extraLabels])].sort();
  const shown = { ...written, ...(labels.length === 0 ? {} : { labels }) };
  const form: OpenCtiForm = {
    modified: written.modified,
    created,
    author: settings.author,
    wanted,
    score,
    scores: [...new Set([...sent.flatMap(({ scores }) => scores), score])],
    types: written.indicator_types,
    labels,
    tlp: facts.tlp ?? dialect.tlpDefault,
    until: written.valid_until ?? null,
    description: written.description === undefined ? null : digestOf(written.description),
  };
  return {
    id,
    key,
    hash: hashOf({ ...shown, extensions: openCtiExtensions(key.type, wanted) }, settings),
    batchKey: (held?.remoteId ?? null) === null ? 'bring' : 'change',
    value: key.value,
    form: { ...form },
    content: { ...shown, extensions: openCtiExtensions(key.type, score) },
    ...(held === undefined ? {} : { held }),
  };
}

/** Over what analysts are shown: not over which version it is, nor over who wrote it, which is not changed afterwards. */
function hashOf(object: Omit<StixIndicator, 'confidence'>, { validFrom }: Pick<OpenCtiSettings, 'validFrom'>): string {
  const { created: _, modified: __, created_by_ref: ___, valid_from: from, ...shown } = object;
  const content = [shown, validFrom === 'source' ? from : null];
  return createHash('sha256').update(JSON.stringify(content)).digest('base64url').slice(0, 22);
}
