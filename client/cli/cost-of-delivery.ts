import type { TipSeen } from './sandbox-counts.ts';

/** What bringing so many indicators to a TIP has cost: requests and, where an analyst approves them, import sessions. */
export function costOfDelivery(title: string, { requests, ...counts }: TipSeen, delivered: number): string {
  const perThousand = (count: number): string =>
    ((count / delivered) * 1_000).toLocaleString('en', { maximumFractionDigits: 1 });
  const sessions = typeof counts['sessions'] === 'number' ? counts['sessions'] : null;
  const [each, all] =
    sessions === null
      ? ['', '']
      : [`${perThousand(sessions)} import sessions to approve, `, `${sessions.toLocaleString('en')} and `];
  return `For 1,000 delivered indicators: ${each}${perThousand(requests)} requests to ${title} (of ${all}${requests.toLocaleString('en')} in all).`;
}
