import { z } from 'zod';

const tag = z.object({ name: z.string().min(1), tlp: z.string().nullable() });
export type Tag = z.infer<typeof tag>;

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
  source: z.string(),
  /** The import session that brought it; null for a bulk write. */
  sessionId: z.string().nullable(),
});
export type Profile = Readonly<z.infer<typeof profileSchema>>;

/** Equal for two profiles when an analyst would see no difference, apart from tags that name a shipment. */
export function contentOf(profile: Profile, markerPrefix: string): string {
  const tags = profile.tags
    .filter(({ name }) => !name.startsWith(markerPrefix))
    .map(({ name, tlp }) => `${name}\t${tlp ?? ''}`)
    .sort();
  return JSON.stringify([
    profile.itype,
    profile.confidence,
    profile.severity,
    profile.tlp,
    profile.expiration,
    tags,
    profile.isPublic,
  ]);
}
