import { activityInfo, heartbeat } from '@temporalio/activity';
import { z } from 'zod';

/** The newest attempt that got somewhere, as a heartbeat carries it to the next attempt; 0 for none. */
const carried = z.object({ fruitful: z.number() });

/** Attempts of this process that got somewhere, by what the engine says of them. */
const fruitful = new WeakSet<object>();

/** Says that a part of the work is done for good: should the rest fail, it is tried again as soon as after a first failure. */
export function progressed(details: Readonly<Record<string, number>>): void {
  const info = activityInfo();
  fruitful.add(info);
  heartbeat({ ...details, fruitful: info.attempt });
}

/** Says that the attempt is at work, and nothing more. */
export function stillAtWork(): void {
  heartbeat({ fruitful: lastFruitful() });
}

/** Attempts that got nowhere since the last one that did; 1 when that is this very one. */
export function fruitlessAttempts(): number {
  return Math.max(1, activityInfo().attempt - lastFruitful());
}

function lastFruitful(): number {
  const info = activityInfo();
  if (fruitful.has(info)) return info.attempt;
  const before: unknown = info.heartbeatDetails;
  return carried.safeParse(before).data?.fruitful ?? 0;
}
