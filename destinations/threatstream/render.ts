import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type Indicator, TLP_LEVELS } from '../../indicators/indicator.ts';
import type { Verdict } from '../../indicators/reputation.ts';
import type { Deliverable, Rendered } from '../destination.ts';
import { expirationOf } from './expiration.ts';
import { itypeOf, kindOf, threatTypeOf } from './itypes.ts';
import { tagsOf } from './tags.ts';
import { textValue } from './text-value.ts';
import { KINDS, type ResolvedSettings, type Severity } from './threatstream-settings.ts';

/** What is sent of one indicator; `value` is in `Rendered`. */
export const observableForm = z.object({
  kind: z.enum(KINDS),
  itype: z.string(),
  threatType: z.string(),
  confidence: z.number(),
  severity: z.string(),
  tlp: z.enum(TLP_LEVELS).nullable(),
  tags: z.array(z.string()).readonly(),
  expiration: z.string(),
});
export type ObservableForm = Readonly<z.infer<typeof observableForm>>;

/** What ThreatStream itself takes when nothing is known. */
const DEFAULT_CONFIDENCE = 50;
/** Newline, comma, quotes and braces around a value in its request. */
const SEPARATOR_BYTES = 3;

/** What ThreatStream would hold for an item. Pure: it depends on the item and the settings alone. */
export function render({ id, indicator, verdict }: Deliverable, settings: ResolvedSettings): Rendered {
  const form = observableOf(indicator, verdict, settings);
  const direct = settings.approval === 'bypass';
  const value = direct ? indicator.key.value : textValue(indicator.key.value);
  return {
    id,
    hash: hashOf([
      value,
      heldOf(form, direct),
      settings.visibility,
      settings.intelligenceSource,
      settings.trustedCircles,
    ]),
    group: direct ? groupOfWrite(form) : groupOfSession(form),
    value,
    payload: { ...form },
    bytes: direct
      ? Buffer.byteLength(JSON.stringify([value, form]))
      : encodeURIComponent(value).length + SEPARATOR_BYTES,
  };
}

/**
 * What an observable would show of it. A direct write has its marking on tags of `meta` only, which those of the object may replace, and
 * no `threat_type`: what is not seen to be held is no reason to send again. (ThreatStream's API reference lists no `tlp` for that call.)
 */
function heldOf(form: ObservableForm, isDirect: boolean): object {
  if (!isDirect) return form;
  const { tlp: _, threatType: __, ...held } = form;
  return held;
}

function observableOf({ key, facts }: Indicator, verdict: Verdict, settings: ResolvedSettings): ObservableForm {
  const kind = kindOf(key.type);
  const known = verdict.kind === 'scored' ? verdict.score : facts.confidence;
  const confidence = known ?? DEFAULT_CONFIDENCE;
  return {
    kind,
    itype: itypeOf(kind, facts.threat, settings),
    threatType: threatTypeOf(facts.threat, settings),
    confidence: Math.floor(confidence / settings.confidenceStep) * settings.confidenceStep,
    severity: known === null ? settings.defaultSeverity : severityOf(known),
    tlp: facts.tlp,
    tags: tagsOf(facts.tags, verdict, settings),
    expiration: expirationOf(facts.validUntil, settings),
  };
}

function severityOf(confidence: number): Severity {
  if (confidence >= 90) return 'very-high';
  if (confidence >= 75) return 'high';
  return confidence >= 50 ? 'medium' : 'low';
}

/**
 * A session has one of each of these for all its observables, and one itype for each kind of them. IPv6 is kept apart: its
 * itypes travel in the same field as those of IPv4.
 */
function groupOfSession(form: ObservableForm): string {
  const { kind, itype, threatType, confidence, severity, tlp, tags, expiration } = form;
  return JSON.stringify([
    threatType,
    itype.replace(`_${kind}`, ''),
    kind === 'ipv6',
    confidence,
    severity,
    tlp,
    tags,
    expiration,
  ]);
}

/** In a direct write each object has its own itype, confidence, severity and tags. */
function groupOfWrite({ tlp, expiration }: ObservableForm): string {
  return JSON.stringify([tlp, expiration]);
}

function hashOf(content: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('base64url').slice(0, 22);
}
