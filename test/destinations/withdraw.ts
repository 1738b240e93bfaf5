import type { Destination, Withdrawable, Withdrawn } from '../../destinations/destination.ts';
import type { IndicatorType } from '../../indicators/indicator.ts';

type Named = Omit<Withdrawable, 'key' | 'held'> & {
  readonly type?: IndicatorType;
  readonly value: string;
  readonly remoteId?: string | null;
};

/** Withdraws values, domains unless it is said otherwise, which the destination holds by these ids. */
export function withdraw(
  destination: Pick<Destination, 'withdraw'>,
  items: readonly Named[],
  signal: AbortSignal,
): Promise<Withdrawn> {
  return destination.withdraw(
    items.map(({ type = 'domain', value, remoteId = null, ...item }) => ({
      ...item,
      key: { type, value },
      held: { remoteId, form: null, maybes: [], awaits: false },
    })),
    signal,
  );
}
