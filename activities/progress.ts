import { activityInfo, heartbeat } from '@temporalio/activity';
import { z } from 'zod';

/** The newest attempt that got somewhere, as a heartbeat carries it to the next attempt; 0 for none. */
const carried = z.object({ fruitful: z.number() });

/** What attempts of this process have got done, by what the engine says of them. */
const done = new WeakMap<object, Readonly<Record<string, number>>>();

/**
 * Says that a part of the work is done for good: should the rest fail, it is tried again as soon as after a first failure. The
 * engine hears of it with the next beat, since each heartbeat has its price.
 */
export function progressed(details: Readonly<Record<string, number>>): void {
  const info = activityInfo();
  done.set(info, { ...details, fruitful: info.attempt });
}

/** Tells the engine that the attempt is at work, and what it has got done. */
export function beat(): void {
  heartbeat(done.get(activityInfo()) ?? { fruitful: lastFruitful() });
}

/** Before an attempt fails: the next one is to know whether this one got somewhere. */
export function tellProgress(): void {
  if (done.has(activityInfo())) beat();
}

/** Attempts that got nowhere since the last one that did; 1 when that is this very one. */
export function fruitlessAttempts(): number {
  return Math.max(1, activityInfo().attempt - lastFruitful());
}

function lastFruitful(): number {
  const info = activityInfo();
  if (done.has(info)) return info.attempt;
  const before: unknown = info.heartbeatDetails;
  return carried.safeParse(before).data?.fruitful ?? 0;
}
