import { createLogsClient } from '../../sentinel/logs-client.ts';
import { createSentinelReader } from '../../sentinel/logs-reader.ts';
import type { SentinelReader, SentinelSource } from '../../sentinel/sentinel-reader.ts';
import type { LoopbackApi } from '../http/loopback-api.ts';
import type { recordedPace } from '../rates/recorded-pace.ts';

export const WORKSPACE = '99999999-8888-7777-6666-555555555555';
export const source: SentinelSource = {
  workspaceId: WORKSPACE,
  table: 'ThreatIntelIndicators',
  sourceSystems: ['Microsoft Defender Threat Intelligence'],
  latenessMs: 2 * 86_400_000,
};
export const window = { from: '2026-11-24T08:00:00Z', to: '2026-11-24T08:15:00Z' };
export const slice = { ...window, bucket: 0, buckets: 1 };
export const now = (): Date => new Date('2026-11-24T08:20:00Z');

export const CREDENTIAL = { getToken: async () => ({ token: 'token-of-mine', expiresOnTimestamp: 4_102_444_800_000 }) };

/** A reader of three rows at most. */
export function readerAt(
  api: LoopbackApi,
  pace: ReturnType<typeof recordedPace>,
  credential: Parameters<typeof createLogsClient>[1]['credential'] = CREDENTIAL,
): SentinelReader {
  return createSentinelReader(
    createLogsClient({ endpoint: `${api.url}/v1`, ca: api.ca, serverTimeoutSeconds: 120 }, { credential, pace, now }),
    3,
  );
}
