import { isItypeOf, isThreatType, itypeFrom, KINDS, type Kind, severityFrom } from './kinds.ts';
import type { Profile, Tag } from './profile.ts';
import { Declined, expirationOf, isPublic, jsonOf, percent, severityOf, tagsOf, tlpOf } from './request-values.ts';

/** What is held of an observable, but for the session that brings it. */
export type Draft = Omit<Profile, 'sessionId'>;

/** What a request says of all observables that it brings. */
export interface ImportAttributes {
  readonly threatType: string;
  /** Active on submission, without an analyst's approval. */
  readonly approved: boolean;
  readonly rejectBenign: boolean;
  readonly tags: readonly Tag[];
  readonly tlp: string | null;
  readonly confidence: number;
  readonly weight: number;
  readonly expiration: string | null;
  readonly isPublic: boolean;
  readonly isAnonymous: boolean;
  readonly source: string;
  /** Null where an observable of the kind has no itype by the request. */
  itypeOf(kind: Kind): string | null;
  /** Of an observable that the request alone describes, or with what is said of it by itself. */
  draft(kind: Kind, itype: string, own?: Partial<Pick<Draft, 'tags' | 'tlp' | 'isAnonymous'>>): Draft;
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

/** Reads the attributes of an import with approval (source: facts/tips.md 1.3); throws `Declined`. */
export function importAttributes(
  fields: ReadonlyMap<string, string>,
  now: Date,
  needsOverrideFlag: boolean,
): ImportAttributes {
  const threatType = threatTypeOf(fields);
  const mapped = mappings(fields);
  const severity = severityOf(fields.get('severity'));
  const visible = isPublic(fields.get('classification'), null);
  const said = percent('confidence', fields.get('confidence'), OWN_CONFIDENCE);
  const weight = percent('source_confidence_weight', fields.get('source_confidence_weight'), 0);
  const overrides = flag(fields, 'can_override_confidence', !needsOverrideFlag);
  const tags = fields.get('tags');
  const shared = {
    tags: tags === undefined ? [] : tagsOf(jsonOf(tags, 'tags')),
    tlp: tlpOf(fields.get('tlp')),
    expiration: expirationOf(fields.get('expiration_ts'), now),
    isPublic: visible,
    isAnonymous: flag(fields, 'is_anonymous', false),
    source: fields.get('intelligence_source') ?? '',
  };
  const confidenceOf = (kind: Kind): number =>
    countsSaid(kind, weight, visible) && (overrides || isScoredByUs(kind)) ? said : OWN_CONFIDENCE;
  return {
    ...shared,
    threatType,
    approved: stateOf(fields) === 'active',
    rejectBenign: flag(fields, 'reject_benign', true),
    confidence: confidenceOf('domain'),
    weight,
    itypeOf: (kind) => mapped.get(kind) ?? itypeFrom(threatType, kind),
    draft: (kind, itype, own = {}) => ({
      ...shared,
      ...own,
      itype,
      confidence: confidenceOf(kind),
      severity: severity ?? severityFrom(itype),
    }),
  };
}

/**
 * ThreatStream scores domains, IP addresses and URLs by itself unless the sender's confidence has all the weight, which it can only have for
 * private observables. (Source: facts/tips.md 1.3, 1.5, trap 7.)
 */
export function countsSaid(kind: Kind, weight: number, visible: boolean): boolean {
  return isScoredByUs(kind) || (weight === 100 && !visible);
}

function isScoredByUs(kind: Kind): boolean {
  return kind === 'md5' || kind === 'email';
}

/** It may be left out when all mappings are given. (Source: facts/tips.md 1.3.) */
function threatTypeOf(fields: ReadonlyMap<string, string>): string {
  const text = fields.get('threat_type');
  if (text === undefined && Object.keys(MAPPINGS).every((name) => fields.has(name))) return '';
  if (text === undefined || !isThreatType(text)) throw new Declined(400, 'threat_type is missing or unknown.');
  return text;
}

function mappings(fields: ReadonlyMap<string, string>): ReadonlyMap<Kind, string> {
  const mapped = new Map<Kind, string>();
  for (const [name, kinds] of Object.entries(MAPPINGS)) {
    const itype = fields.get(name);
    if (itype === undefined) continue;
    const fitting = KINDS.filter((kind) => kinds.some((one) => one === kind) && isItypeOf(kind, itype));
    if (fitting.length === 0) throw new Declined(400, `${name} is not an itype of its kind.`);
    for (const kind of fitting) mapped.set(kind, itype);
  }
  return mapped;
}

/** `active` is the only documented one; what clients send besides, and nothing at all, is ready to review. (Source: facts/tips.md 0.5.) */
function stateOf(fields: ReadonlyMap<string, string>): string {
  const state = fields.get('default_state') ?? 'inactive';
  if (!['active', 'inactive', 'pending'].includes(state)) throw new Declined(400, 'default_state must be active.');
  return state;
}

function flag(fields: ReadonlyMap<string, string>, name: string, absent: boolean): boolean {
  const text = fields.get(name)?.toLowerCase();
  if (text === undefined) return absent;
  if (text !== 'true' && text !== 'false') throw new Declined(400, `${name} must be true or false.`);
  return text === 'true';
}
