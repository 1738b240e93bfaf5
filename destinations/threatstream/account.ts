import type { ThreatStreamSettings } from './threatstream-settings.ts';

/** Whose rate it is, whichever pipeline uses it. A key to compare and to keep, not to be shown. */
export function accountOf({ baseUrl, user }: Pick<ThreatStreamSettings, 'baseUrl' | 'user'>): string {
  return `ThreatStream ${new URL(baseUrl).host} as ${user}`;
}
