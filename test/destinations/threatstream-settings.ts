import { resolveSettings, type ThreatStreamSettings } from '../../destinations/threatstream/threatstream-settings.ts';

/** Those of a plain destination, with every default filled in. */
export function settings(more: Partial<ThreatStreamSettings> = {}) {
  return resolveSettings({
    baseUrl: 'https://threatstream.example/',
    user: 'user',
    apiKey: 'key',
    approval: 'required',
    visibility: 'private',
    ...more,
  });
}
