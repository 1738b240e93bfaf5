import { z } from 'zod';

const tag = z.object({ name: z.string().min(1), tlp: z.string().nullable() });
export type Tag = z.infer<typeof tag>;

/** Where an observable comes from that no import and no write of ours brought. */
const origin = z.object({
  isOurs: z.boolean(),
  organisation: z.number(),
  /** 0 for none. */
  feed: z.number(),
  trustedCircles: z.array(z.number()).readonly().nullable(),
});

/** What is held of a value besides the value: entries that arrived together mostly share one. */
export const profileSchema = z.object({
  itype: z.string(),
  confidence: z.number(),
  severity: z.string(),
  tlp: z.string().nullable(),
  tags: z.array(tag).readonly(),
  /** ISO 8601 in UTC; null for never. */
  expiration: z.string().nullable(),
  isPublic: z.boolean(),
  isAnonymous: z.boolean().default(false),
  source: z.string(),
  /** The import session that brought it; null for a bulk write. */
  sessionId: z.string().nullable(),
  /** None for what an import or a write of ours brought. */
  origin: origin.optional(),
});
export type Profile = Readonly<z.infer<typeof profileSchema>>;

/** Whether another organisation owns it. */
export function isForeign({ origin: from }: Profile): boolean {
  return from !== undefined && !from.isOurs;
}

/** Equal for two profiles when an analyst would see no difference. */
export function contentOf(profile: Profile): string {
  return JSON.stringify([
    profile.itype,
    profile.confidence,
    profile.severity,
    profile.tlp,
    profile.expiration,
    profile.tags.map(({ name, tlp }) => `${name}\t${tlp ?? ''}`).sort(),
    profile.isPublic,
    profile.isAnonymous,
  ]);
}
