import type { Facts, IndicatorType, Observation } from '../../indicators/indicator.ts';

/** An observation with everything that a test does not care about filled in. */
export function observation(
  value: string,
  options: { id?: string; type?: IndicatorType; time?: string; modified?: string | null; facts?: Partial<Facts> } = {},
): Observation {
  return {
    sourceId: options.id ?? `id-of-${value}`,
    key: { type: options.type ?? 'domain', value },
    sourceSystem: 'Microsoft Defender Threat Intelligence',
    sourceTime: options.time ?? '2026-11-01T00:00:00.0000000Z',
    modified: options.modified ?? null,
    facts: {
      threat: 'malware',
      confidence: 80,
      validFrom: null,
      validUntil: null,
      tlp: null,
      tags: [],
      description: null,
      ended: null,
      ...options.facts,
    },
  };
}
