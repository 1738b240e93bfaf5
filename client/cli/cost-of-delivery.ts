import type { SandboxCounts } from './sandbox-counts.ts';

/** What bringing so many indicators to ThreatStream has cost: sessions, which are an analyst's time, and requests. */
export function costOfDelivery(
  { sessions, requestsByApi }: Pick<SandboxCounts, 'sessions' | 'requestsByApi'>,
  delivered: number,
): string {
  const requests = requestsByApi['threatstream'] ?? 0;
  const perThousand = (count: number): string =>
    ((count / delivered) * 1_000).toLocaleString('en', { maximumFractionDigits: 1 });
  return `For 1,000 delivered indicators: ${perThousand(sessions)} import sessions to approve, ${perThousand(requests)} requests to ThreatStream (of ${sessions.toLocaleString('en')} and ${requests.toLocaleString('en')} in all).`;
}
