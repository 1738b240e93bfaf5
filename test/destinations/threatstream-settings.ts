import {
  resolveSettings,
  type ThreatStreamSettings,
  threatstreamSection,
} from '../../destinations/threatstream/threatstream-settings.ts';

const {
  type: _,
  maxReply: __,
  acknowledgePublic: ___,
  ...defaults
} = threatstreamSection.parse({
  type: 'threatstream',
  user: { env: 'USER' },
  apiKey: { env: 'KEY' },
});

/** Those of a plain destination, with the defaults of the configuration. */
export function plainSettings(more: Partial<ThreatStreamSettings> = {}): ThreatStreamSettings {
  return {
    ...defaults,
    baseUrl: 'https://threatstream.example/',
    user: 'user',
    apiKey: 'key',
    requestTimeout: 120_000,
    ...more,
  };
}

export function settings(more: Partial<ThreatStreamSettings> = {}) {
  return resolveSettings(plainSettings(more));
}
