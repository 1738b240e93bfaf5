import { z } from 'zod';
import type { Comments } from './comments.ts';
import { type Holdings, MOST_CHOSEN_ID } from './holdings.ts';
import { KINDS, severityFrom, WILDCARD_ITYPE } from './kinds.ts';
import { FOREIGN_ORGANISATION_ID, OUR_ORGANISATION_ID } from './organisation.ts';
import type { Profile } from './profile.ts';
import { isTlp } from './request-values.ts';

export const givenTag = z.strictObject({
  name: z.string().min(1),
  /** `red` is our organisation's own, on whoever's observable; all others are public. */
  tlp: z
    .string()
    .refine((text) => isTlp(text) || text === 'white', 'must be a TLP')
    .nullable()
    .default(null),
});

const artifact = z.strictObject({
  type: z.enum(KINDS),
  /** As it stands there, in order or not. */
  value: z.string().min(1),
  owner: z.enum(['own', 'foreign']),
  /** 0 for none. Each feed is of an organisation of its own, unless another one is said. */
  feed: z.int().min(0).default(0),
  organisation: z.int().min(1).optional(),
  trustedCircles: z.array(z.int().min(1)).nullable().default(null),
  status: z.enum(['active', 'inactive', 'falsepos']).default('active'),
  confidence: z.int().min(0).max(100).default(50),
  /** Default: of malware. */
  itype: z.string().min(1).optional(),
  /** Default: that of the itype. */
  severity: z.enum(['low', 'medium', 'high', 'very-high']).optional(),
  tags: z.array(givenTag).default([]),
  /** Default: what is foreign is public, what is ours is not. */
  public: z.boolean().optional(),
  /** What others have said of the value. */
  comments: z.array(z.string().min(1)).default([]),
  /** Default: the next one. Those that are given in turn cannot be chosen. */
  id: z.int().min(1).max(MOST_CHOSEN_ID).optional(),
});
const artifactList = z.array(artifact);
export type Artifact = z.output<typeof artifact>;

const STATES = { active: 'active', inactive: 'gone', falsepos: 'falsepos' } as const;
/** Above the organisations that the stand-in knows by name. */
const ORGANISATION_OF_FEED = 1_000;

/**
 * Puts observables there that no import of ours brought: other organisations' and feeds', and ours. Several may be of one value (facts/tips.md
 * 6, trap 15). Another organisation's private tags and comments are never shown to us, so there are none. Returns how many.
 */
export function putArtifacts(
  artifacts: Iterable<Artifact>,
  { holdings, comments, now }: { readonly holdings: Holdings; readonly comments: Comments; readonly now: () => Date },
): number {
  const date = now().toISOString();
  const profiles = new Map<string, Profile>();
  let count = 0;
  for (const one of artifacts) {
    count += 1;
    const { value: _, id: _id, comments: _comments, ...common } = one;
    const key = JSON.stringify(common);
    const profile = profiles.get(key) ?? profileOf(one);
    profiles.set(key, profile);
    holdings.hold(one.value, one.type, profile, STATES[one.status], one.id ?? null);
    for (const comment of one.comments) {
      comments.add({ value: one.value, comment, date, tlp: 'white', isForeign: true });
    }
  }
  return count;
}

/** What somebody wrote; throws a ZodError, also for an id that is taken. */
export function readArtifacts(given: unknown, holdings: Holdings): readonly Artifact[] {
  const artifacts = artifactList.parse(given);
  const seen = new Set<number>();
  for (const [place, { id }] of artifacts.entries()) {
    if (id === undefined) continue;
    if (seen.has(id) || holdings.byId(id) !== undefined) {
      throw new z.ZodError([
        { code: 'custom', path: ['artifacts', place, 'id'], message: 'There is one with this id.', input: id },
      ]);
    }
    seen.add(id);
  }
  return artifacts;
}

function profileOf(one: Artifact): Profile {
  const { owner, feed, trustedCircles, confidence } = one;
  const isOurs = owner === 'own';
  const itype = one.itype ?? (one.type === 'string' ? WILDCARD_ITYPE : `mal_${one.type}`);
  const theirs = feed === 0 ? FOREIGN_ORGANISATION_ID : ORGANISATION_OF_FEED + feed;
  return {
    itype,
    confidence,
    severity: one.severity ?? severityFrom(itype),
    tlp: null,
    tags: one.tags,
    expiration: null,
    isPublic: one.public ?? !isOurs,
    isAnonymous: false,
    source: feed === 0 ? 'an analyst' : `feed ${feed}`,
    sessionId: null,
    origin: { isOurs, organisation: isOurs ? OUR_ORGANISATION_ID : (one.organisation ?? theirs), feed, trustedCircles },
  };
}
