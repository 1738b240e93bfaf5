import { z } from 'zod';
import { OWN_CONFIDENCE } from './import-form.ts';
import { isItypeOf, type Kind } from './kinds.ts';
import { hostOfUrl, observableOf } from './observables.ts';
import type { Profile, Tag } from './profile.ts';
import { Declined, expirationOf, isPublic, jsonOf, percent, severityOf, tagsOf } from './request-values.ts';
import type { ThreatStreamFaults } from './threatstream-faults.ts';
import { isInShare } from './value-share.ts';

export interface BulkItem {
  readonly kind: Kind;
  readonly value: string;
  readonly profile: Profile;
}

export interface BulkWrite {
  /** Objects that do not fit are left out without a word, as the real one does. */
  readonly items: readonly BulkItem[];
  /** All values of the request, also of objects that are left out. */
  readonly values: readonly string[];
}

/** Its body may be 10 MB at most. */
const MOST_BYTES = 10_000_000;
const VALUE_KEYS = { srcip: ['ip', 'ipv6'], domain: ['domain'], url: ['url'], email: ['email'], md5: ['md5'] } as const;

const percentValue = z.union([z.int().min(0).max(100), z.string().regex(/^(?:100|\d{1,2})$/)]);
const object = z.looseObject({
  itype: z.string(),
  confidence: percentValue.optional(),
  severity: z.enum(['low', 'medium', 'high', 'very-high']).optional(),
  tags: z.array(z.string()).optional(),
  source: z.string().default(''),
});
const body = z.object({
  objects: z.array(z.looseObject({})),
  meta: z.object({
    classification: z.string().optional(),
    confidence: percentValue.optional(),
    source_confidence_weight: percentValue.optional(),
    allow_unresolved: z.boolean().default(false),
    expiration_ts: z.string().nullable().optional(),
    severity: z.string().optional(),
    tags: z.unknown().optional(),
  }),
});
type Meta = z.infer<typeof body>['meta'];

/** Reads the body of a write without approval; throws `Declined`. */
export function readBulkWrite(
  text: string,
  now: Date,
  { unresolved, objectTags }: Pick<ThreatStreamFaults, 'unresolved' | 'objectTags'>,
): BulkWrite {
  if (Buffer.byteLength(text) > MOST_BYTES) throw new Declined(413, 'The request is larger than 10 MB.');
  const parsed = body.safeParse(jsonOf(text, 'The body'));
  if (!parsed.success) throw new Declined(400, 'The body must have objects and meta.');
  const { objects, meta } = parsed.data;
  const shared = {
    severity: severityOf(meta.severity),
    tlp: null,
    tags: meta.tags === undefined ? [] : tagsOf(meta.tags),
    expiration: expirationOf(meta.expiration_ts, now),
    isPublic: isPublic(meta.classification, true),
    sessionId: null,
  };
  const values: string[] = [];
  const items: BulkItem[] = [];
  for (const entry of objects) {
    const found = valueOf(entry);
    if (found === null) continue;
    values.push(found.value);
    const read = object.safeParse(entry);
    if (!read.success || !isItypeOf(found.kind, read.data.itype)) continue;
    if (!meta.allow_unresolved && isUnresolved(found, unresolved)) continue;
    const confidence = confidenceOf(found.kind, read.data.confidence, meta);
    if (confidence === null) continue;
    const tags = tagsTogether(read.data.tags ?? [], shared.tags, objectTags);
    const { itype, source, severity = shared.severity } = read.data;
    items.push({ ...found, profile: { ...shared, itype, source, confidence, severity, tags } });
  }
  return { items, values };
}

/** Plain texts, which have no TLP, and those of `meta`; each name once. */
function tagsTogether(
  own: readonly string[],
  shared: readonly Tag[],
  together: ThreatStreamFaults['objectTags'],
): Tag[] {
  if (own.length === 0) return [...shared];
  const names = new Set(own);
  const added = together === 'add' ? shared.filter(({ name }) => !names.has(name)) : [];
  return [...[...names].map((name) => ({ name, tlp: null })), ...added];
}

/** The one value of an object; null when it has none, several, or one that is not of the kind that its key says. */
function valueOf(entry: Readonly<Record<string, unknown>>): { readonly kind: Kind; readonly value: string } | null {
  const keys = Object.entries(VALUE_KEYS).filter(([key]) => key in entry);
  const [only] = keys;
  if (only === undefined || keys.length > 1) return null;
  const [key, kinds] = only;
  const value = entry[key];
  if (typeof value !== 'string') return null;
  const observable = observableOf(value);
  return observable !== null && kinds.some((kind) => kind === observable.kind) ? observable : null;
}

/** Null when it is missing where it must be given: for hashes and e-mail addresses. */
function confidenceOf(kind: Kind, own: string | number | undefined, meta: Meta): number | null {
  const said = own ?? meta.confidence;
  if (kind === 'md5' || kind === 'email') return said === undefined ? null : percent('confidence', said, 0);
  const weight = percent('source_confidence_weight', meta.source_confidence_weight, 0);
  return weight === 100 ? percent('confidence', said, OWN_CONFIDENCE) : OWN_CONFIDENCE;
}

function isUnresolved({ kind, value }: { readonly kind: Kind; readonly value: string }, share: number): boolean {
  if (kind === 'domain') return isInShare('unresolved', value, share);
  if (kind !== 'url') return false;
  const host = observableOf(hostOfUrl(value));
  return host?.kind === 'domain' && isInShare('unresolved', host.value, share);
}
