import type { EnrichCounts } from '../../indicators/enrich-counts.ts';
import type { SandboxCounts, TipSeen } from './sandbox-counts.ts';

/** What enriching has cost: requests to MDTI and to the TIP for so many hosts. */
export function costOfEnriching(
  title: string,
  { requestsByApi }: Pick<SandboxCounts, 'requestsByApi'>,
  tip: TipSeen,
  { lookedUp }: EnrichCounts,
): string {
  const graph = requestsByApi['graph'] ?? 0;
  const n = (count: number): string => count.toLocaleString('en', { maximumFractionDigits: 1 });
  const perThousand = lookedUp === 0 ? 0 : ((graph + tip.requests) / lookedUp) * 1_000;
  return `For 1,000 hosts: ${n(perThousand)} requests (in all ${n(graph)} to MDTI and ${n(tip.requests)} to ${title} for ${n(lookedUp)} hosts).`;
}
