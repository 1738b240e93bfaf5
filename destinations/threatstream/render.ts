import { createHash } from 'node:crypto';
import type { Indicator } from '../../indicators/indicator.ts';
import type { Verdict } from '../../indicators/reputation.ts';
import type { Deliverable, Rendered } from '../destination.ts';
import { itypeOf, kindOf, threatTypeOf } from '../threatstream-csv/itypes.ts';
import { tagsOf } from '../threatstream-csv/tags.ts';
import { expirationOf } from './expiration.ts';
import type { ObservableForm } from './observable-form.ts';
import { textValue } from './text-value.ts';
import type { ResolvedSettings, Severity } from './threatstream-settings.ts';

/** How an item travels: as a row of a CSV, as a line of a text, as an object of a direct write, or as a change of what is held. */
export type Route = 'csv' | 'text' | 'direct' | 'change';

/** What ThreatStream itself takes when nothing is known. */
const DEFAULT_CONFIDENCE = 50;

/** What ThreatStream would hold for an item. Pure: it depends on the item and the settings alone. */
export function render({ id, indicator, verdict, held }: Deliverable, settings: ResolvedSettings): Rendered {
  const form = observableOf(indicator, verdict, settings);
  const route = (held?.remoteId ?? null) === null ? routeOf(indicator.key.value, settings) : 'change';
  const value = route === 'text' ? textValue(indicator.key.value) : indicator.key.value;
  return {
    id,
    key: indicator.key,
    hash: hashOf([indicator.key.value, changeable(form, settings)]),
    batchKey: batchKeyOf(route, form, settings),
    value,
    form: { ...form },
    ...(held === undefined ? {} : { held }),
  };
}

/** How something that ThreatStream does not hold is brought there. */
export function routeOf(
  value: string,
  settings: Pick<ResolvedSettings, 'approval' | 'import' | 'percentAsText'>,
): Route {
  if (settings.approval === 'bypass') return 'direct';
  if (settings.import === 'text' || (settings.percentAsText && value.includes('%'))) return 'text';
  return 'csv';
}

/**
 * What an observable shows of it that can be changed by its id. A direct write cannot say a TLP, and what it does not set at first is no
 * reason to change it afterwards. (Source: ThreatStream's API reference lists no `tlp` for that call.)
 */
export function changeable(
  { itype, confidence, severity, tlp, tags, expiration }: ObservableForm,
  { approval }: Pick<ResolvedSettings, 'approval'>,
): object {
  return { itype, confidence, severity, tags, expiration, ...(approval === 'bypass' ? {} : { tlp }) };
}

function observableOf({ key, facts }: Indicator, verdict: Verdict, settings: ResolvedSettings): ObservableForm {
  const kind = kindOf(key.type);
  const known = verdict.kind === 'scored' ? verdict.score : facts.confidence;
  const confidence = known ?? DEFAULT_CONFIDENCE;
  const step = settings.confidenceStep === 'none' ? 1 : settings.confidenceStep;
  return {
    kind,
    itype: itypeOf(kind, facts.threat, settings.itypes),
    threatType: threatTypeOf(facts.threat, settings.threatTypes),
    confidence: Math.floor(confidence / step) * step,
    severity: severityFor(known, settings),
    tlp: facts.tlp,
    tags: tagsOf(facts.tags, verdict, settings),
    expiration: expirationOf(facts.validUntil, settings),
  };
}

function severityFor(known: number | null, { severity }: Pick<ResolvedSettings, 'severity'>): Severity | null {
  if (severity === 'itype') return null;
  if (known === null) return 'medium';
  if (known >= 90) return 'very-high';
  if (known >= 75) return 'high';
  return known >= 50 ? 'medium' : 'low';
}

/** All that a request has once for all its items: what each can say for itself does not divide them. */
function batchKeyOf(route: Route, form: ObservableForm, settings: ResolvedSettings): string {
  const { kind, itype, threatType, severity, tlp, tags } = form;
  if (route === 'direct' || route === 'change') return route;
  const confidence = settings.confidenceStep === 'none' ? null : form.confidence;
  const expiration = settings.expirationGranularity === 'none' ? null : form.expiration;
  const session = [confidence, expiration, severity];
  if (route === 'csv') return JSON.stringify([route, ...session]);
  // IPv6 is kept apart: its itypes travel in the same field as those of IPv4.
  return JSON.stringify([route, ...session, threatType, itype.replace(`_${kind}`, ''), kind === 'ipv6', tlp, tags]);
}

function hashOf(content: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('base64url').slice(0, 22);
}
