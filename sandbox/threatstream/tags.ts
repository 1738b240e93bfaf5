import { createHash } from 'node:crypto';
import { isForeign, type Profile, type Tag } from './profile.ts';

/**
 * Only a tag with `red` is the organisation's own; any other one, or one without a TLP, is visible to the Anomali Community. (Source:
 * facts/tips.md 0.4.)
 */
export function isPublicTag({ tlp }: Tag): boolean {
  return tlp !== 'red';
}

/** The same for a name wherever it stands: removing one tag of an observable needs it. (Source: facts/tips.md 2.3.) */
export function tagId({ name }: Tag): string {
  return createHash('sha1').update(name).digest('hex').slice(0, 12);
}

/**
 * The profile with the tags, each name once: a name that it had takes the new TLP. On another organisation's observable a tag of ours stands
 * beside a public one of the same name. The same object where nothing changes.
 */
export function tagged(profile: Profile, tags: readonly Tag[]): Profile {
  const keyOf = (tag: Tag): string => (isForeign(profile) && isPublicTag(tag) ? `public ${tag.name}` : ` ${tag.name}`);
  const byKey = new Map(profile.tags.map((tag) => [keyOf(tag), tag]));
  const news = tags.filter((tag) => byKey.get(keyOf(tag))?.tlp !== tag.tlp);
  if (news.length === 0) return profile;
  for (const tag of news) byKey.set(keyOf(tag), tag);
  return { ...profile, tags: [...byKey.values()] };
}

/** The profile without the tags that are gone: of another organisation's, only ours can be. The same object where nothing changes. */
export function untagged(profile: Profile, isGone: (tag: Tag) => boolean): Profile {
  const tags = profile.tags.filter((tag) => !isGone(tag) || (isForeign(profile) && isPublicTag(tag)));
  return tags.length === profile.tags.length ? profile : { ...profile, tags };
}
