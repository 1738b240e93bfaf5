import { createHash } from 'node:crypto';
import type { Profile, Tag } from './profile.ts';

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

/** The profile with the tags, each name once: a name that it had takes the new TLP. The same object where nothing changes. */
export function tagged(profile: Profile, tags: readonly Tag[]): Profile {
  const byName = new Map(profile.tags.map((tag) => [tag.name, tag]));
  const news = tags.filter(({ name, tlp }) => byName.get(name)?.tlp !== tlp);
  if (news.length === 0) return profile;
  for (const tag of news) byName.set(tag.name, tag);
  return { ...profile, tags: [...byName.values()] };
}

/** The profile without the tags that are gone. The same object where nothing changes. */
export function untagged(profile: Profile, isGone: (tag: Tag) => boolean): Profile {
  const tags = profile.tags.filter((tag) => !isGone(tag));
  return tags.length === profile.tags.length ? profile : { ...profile, tags };
}
