import type { Destination, Send } from './destination.ts';

/** Brings or changes, by whether the destination holds the shipment's items by ids of its own. */
export function send(
  { bring, change }: Pick<Destination, 'bring' | 'change'>,
  shipment: Parameters<Send>[0],
  ...rest: [signal: AbortSignal, leaving?: () => Promise<void>]
): ReturnType<Send> {
  const isHeld = (shipment.items[0]?.held?.remoteId ?? null) !== null;
  return (isHeld ? change : bring)(shipment, ...rest);
}
