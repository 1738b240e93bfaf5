import { z } from 'zod';
import { countsSaid, OWN_CONFIDENCE } from './import-attributes.ts';
import { isItypeOf, type Kind, severityFrom } from './kinds.ts';
import { hostOfUrl, observableOf } from './observables.ts';
import type { Profile, Tag } from './profile.ts';
import { Declined, expirationOf, isPublic, jsonOf, ownTagsOf, percent, severityOf, tagsOf } from './request-values.ts';
import type { ThreatStreamFaults } from './threatstream-faults.ts';
import { isInShare } from './value-share.ts';

export interface BulkItem {
  readonly kind: Kind;
  readonly value: string;
  readonly profile: Profile;
  readonly state: 'active' | 'falsepos';
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
  classification: z.enum(['private', 'public']).optional(),
  confidence: percentValue.optional(),
  expiration_ts: z.string().nullable().optional(),
  severity: z.enum(['low', 'medium', 'high', 'very-high']).optional(),
  tags: z.unknown().optional(),
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

/**
 * Reads the body of a write without approval; throws `Declined`. What an object says wins over what `meta` says. A hash or an e-mail address
 * without a confidence is imported as a false positive. (Source: facts/tips.md 1.6.)
 */
export function readBulkWrite(
  text: string,
  now: Date,
  { unresolved, objectTags }: Pick<ThreatStreamFaults, 'unresolved' | 'objectTags'>,
): BulkWrite {
  if (Buffer.byteLength(text) > MOST_BYTES) throw new Declined(413, 'The request is larger than 10 MB.');
  const parsed = body.safeParse(jsonOf(text, 'The body'));
  if (!parsed.success) throw new Declined(400, 'The body must have objects and meta.');
  const { objects, meta } = parsed.data;
  const severity = severityOf(meta.severity);
  const tags = meta.tags === undefined ? [] : tagsOf(meta.tags);
  const expiration = expirationOf(meta.expiration_ts, now);
  const visible = isPublic(meta.classification, true);
  const values: string[] = [];
  const items: BulkItem[] = [];
  for (const entry of objects) {
    const found = valueOf(entry);
    if (found === null) continue;
    values.push(found.value);
    const read = object.safeParse(entry);
    if (!read.success || !isItypeOf(found.kind, read.data.itype)) continue;
    if (!meta.allow_unresolved && isUnresolved(found, unresolved)) continue;
    const own = read.data;
    const ownTags = own.tags === undefined ? [] : ownTagsOf(own.tags);
    const end = own.expiration_ts === undefined ? expiration : readableEnd(own.expiration_ts, now);
    if (ownTags === null || end === undefined) continue;
    const isVisible = own.classification === undefined ? visible : own.classification === 'public';
    const said = own.confidence ?? meta.confidence;
    const isFalsePositive = said === undefined && (found.kind === 'md5' || found.kind === 'email');
    items.push({
      ...found,
      state: isFalsePositive ? 'falsepos' : 'active',
      profile: {
        itype: own.itype,
        confidence: isFalsePositive ? 0 : confidenceOf(found.kind, said, meta, isVisible),
        severity: own.severity ?? severity ?? severityFrom(own.itype),
        tlp: null,
        tags: tagsTogether(ownTags, tags, objectTags),
        expiration: end,
        isPublic: isVisible,
        isAnonymous: false,
        source: own.source,
        sessionId: null,
      },
    });
  }
  return { items, values };
}

/** Undefined when it cannot be read. */
function readableEnd(text: string | null, now: Date): string | null | undefined {
  try {
    return expirationOf(text, now);
  } catch (error) {
    if (error instanceof Declined) return undefined;
    throw error;
  }
}

/** Those of the object and those of `meta`; each name once. */
function tagsTogether(
  own: readonly Tag[],
  shared: readonly Tag[],
  together: ThreatStreamFaults['objectTags'],
): readonly Tag[] {
  if (own.length === 0) return shared;
  const byName = new Map(own.map((tag) => [tag.name, tag]));
  const added = together === 'add' ? shared.filter(({ name }) => !byName.has(name)) : [];
  return [...byName.values(), ...added];
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

function confidenceOf(kind: Kind, said: string | number | undefined, meta: Meta, visible: boolean): number {
  const weight = percent('source_confidence_weight', meta.source_confidence_weight, 0);
  return countsSaid(kind, weight, visible) ? percent('confidence', said, OWN_CONFIDENCE) : OWN_CONFIDENCE;
}

function isUnresolved({ kind, value }: { readonly kind: Kind; readonly value: string }, share: number): boolean {
  if (kind === 'domain') return isInShare('unresolved', value, share);
  if (kind !== 'url') return false;
  const host = observableOf(hostOfUrl(value));
  return host?.kind === 'domain' && isInShare('unresolved', host.value, share);
}
