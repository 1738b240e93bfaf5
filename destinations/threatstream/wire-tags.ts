import type { ResolvedSettings } from './threatstream-settings.ts';

export interface WireTag {
  readonly name: string;
  readonly tlp: 'red' | 'white';
}

/**
 * Tags as requests name them: `red` is seen by the own organisation only, `white` by everyone, and is what a tag without a TLP is.
 * (Source: ThreatStream's API reference.)
 */
export function wireTags(names: readonly string[], { visibility }: Pick<ResolvedSettings, 'visibility'>): WireTag[] {
  return names.map((name) => ({ name, tlp: visibility === 'private' ? 'red' : 'white' }));
}
