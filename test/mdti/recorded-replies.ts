import type { HttpReply } from '../../http/http-client.ts';
import { batchCall } from '../../mdti/graph-calls.ts';
import type { HostAnswer } from '../../mdti/host-answer.ts';

export const NOW = new Date('2026-11-24T08:00:00Z');

/** As Microsoft's documentation has it (microsoft-graph-docs-contrib, security-host-get-reputation, 0713c450). */
export const RECORDED = {
  '@odata.type': '#microsoft.graph.security.hostReputation',
  id: '1e3b9ded-abb6-1828-c4ef-a5ca48b287a0',
  classification: 'malicious',
  score: 100,
  rules: [
    {
      name: 'Microsoft Defender Threat Intelligence Intel Article',
      description: 'Activity Snapshot: DPRK Actors Target Maritime Sector',
      severity: 'high',
      relatedDetailsUrl: 'https://ti.defender.microsoft.com/article/831b70a4',
    },
    {
      name: 'Name server',
      description: 'Domain is using a name server that has been associated with suspicious behavior',
      severity: 'medium',
      relatedDetailsUrl: null,
    },
  ],
};

/** What is read of a `$batch` with these answers to so many hosts. */
export function answers(responses: unknown, hosts = 2): readonly (HostAnswer | null)[] {
  const reply: HttpReply = { status: 200, headers: {}, text: JSON.stringify({ responses }) };
  return batchCall('https://graph').answers(
    Array.from({ length: hosts }, (_, at) => `host-${at}.example.com`),
    reply,
    NOW,
  );
}
