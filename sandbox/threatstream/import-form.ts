import { isItypeOf, isThreatType, itypeFrom, KINDS, type Kind } from './kinds.ts';
import { type Observable, observablesIn } from './observables.ts';
import type { Profile } from './profile.ts';
import { Declined, expirationOf, isPublic, jsonOf, percent, severityOf, tagsOf, tlpOf } from './request-values.ts';

export interface ImportForm {
  readonly observables: readonly Observable[];
  /** What is held of an observable of each kind; null where there is no itype for it. */
  profilesOf(sessionId: string): ReadonlyMap<Kind, Profile | null>;
  readonly threatType: string;
  /** Active on submission, without an analyst's approval. */
  readonly approved: boolean;
  readonly rejectBenign: boolean;
  readonly isPublic: boolean;
}

/** What ThreatStream gives an observable when the sender's confidence does not count. */
export const OWN_CONFIDENCE = 50;
const MAPPINGS = {
  ip_mapping: ['ip', 'ipv6'],
  domain_mapping: ['domain'],
  url_mapping: ['url'],
  email_mapping: ['email'],
  md5_mapping: ['md5'],
} as const satisfies Record<string, readonly Kind[]>;

/** Reads the form of an import with approval; throws `Declined`. */
export function readImportForm(fields: ReadonlyMap<string, string>, now: Date, urlYieldsHost: boolean): ImportForm {
  const sources = ['datatext', 'file', 'url'].filter((name) => fields.has(name));
  if (sources.length !== 1) throw new Declined(400, 'Exactly one of datatext, file and url must be given.');
  const text = fields.get('datatext');
  if (text === undefined) throw new Declined(400, 'Only datatext is supported here.');
  const threatType = fields.get('threat_type') ?? '';
  if (!isThreatType(threatType)) throw new Declined(400, 'threat_type is missing or unknown.');
  const mapped = mappings(fields);
  const said = percent('confidence', fields.get('confidence'), OWN_CONFIDENCE);
  const weight = percent('source_confidence_weight', fields.get('source_confidence_weight'), 0);
  const counts = weight === 100 && flag(fields, 'can_override_confidence', false);
  const tags = fields.get('tags');
  const shared = {
    confidence: counts ? said : OWN_CONFIDENCE,
    severity: severityOf(fields.get('severity')),
    tlp: tlpOf(fields.get('tlp')),
    tags: tags === undefined ? [] : tagsOf(jsonOf(tags, 'tags')),
    expiration: expirationOf(fields.get('expiration_ts'), now),
    isPublic: isPublic(fields.get('classification'), null),
    source: fields.get('intelligence_source') ?? '',
  };
  return {
    observables: observablesIn(text, urlYieldsHost),
    profilesOf(sessionId) {
      const profiles = KINDS.map((kind) => {
        const itype = mapped.get(kind) ?? itypeFrom(threatType, kind);
        return [kind, itype === null ? null : { ...shared, itype, sessionId }] as const;
      });
      return new Map(profiles);
    },
    threatType,
    approved: stateOf(fields) === 'active',
    rejectBenign: flag(fields, 'reject_benign', true),
    isPublic: shared.isPublic,
  };
}

function mappings(fields: ReadonlyMap<string, string>): ReadonlyMap<Kind, string> {
  const mapped = new Map<Kind, string>();
  for (const [name, kinds] of Object.entries(MAPPINGS)) {
    const itype = fields.get(name);
    if (itype === undefined) continue;
    const fitting = kinds.filter((kind) => isItypeOf(kind, itype));
    if (fitting.length === 0) throw new Declined(400, `${name} is not an itype of its kind.`);
    for (const kind of fitting) mapped.set(kind, itype);
  }
  return mapped;
}

function stateOf(fields: ReadonlyMap<string, string>): string {
  const state = fields.get('default_state') ?? 'inactive';
  if (state !== 'active' && state !== 'inactive') throw new Declined(400, 'default_state must be active or inactive.');
  return state;
}

function flag(fields: ReadonlyMap<string, string>, name: string, absent: boolean): boolean {
  const text = fields.get(name)?.toLowerCase();
  if (text === undefined) return absent;
  if (text !== 'true' && text !== 'false') throw new Declined(400, `${name} must be true or false.`);
  return text === 'true';
}
