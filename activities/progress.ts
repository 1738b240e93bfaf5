import { activityInfo, heartbeat } from '@temporalio/activity';
import { z } from 'zod';

type Details = Readonly<Record<string, number>>;

/** As a heartbeat carries it to the next attempt: the newest attempt that got somewhere, and how often it has failed unforeseen since. */
const carried = z.object({ fruitful: z.number(), unforeseen: z.number().default(0) });

/** What attempts of this process have got done, by what the engine says of them. */
const done = new WeakMap<object, Details>();

/**
 * Says that a part of the work is done for good: should the rest fail, it is tried again as soon as after a first failure. The
 * engine hears of it with the next beat, since each heartbeat has its price.
 */
export function progressed(details: Details): void {
  const info = activityInfo();
  done.set(info, { ...details, fruitful: info.attempt });
}

/** Tells the engine that the attempt is at work, and what it has got done. */
export function beat(): void {
  heartbeat(toTell());
}

/** Before an attempt fails: the next one is to know whether this one got somewhere. */
export function tellProgress(): void {
  if (done.has(activityInfo())) beat();
}

/** Attempts that got nowhere since the last one that did; 1 when that is this very one. */
export function fruitlessAttempts(): number {
  return Math.max(1, activityInfo().attempt - (toTell()['fruitful'] ?? 0));
}

/** Says that the attempt fails in a way that nobody foresaw; how many have done so since the last one that got somewhere. */
export function unforeseen(): number {
  const info = activityInfo();
  const told = toTell();
  const times = told['fruitful'] === info.attempt ? 1 : (told['unforeseen'] ?? 0) + 1;
  done.set(info, { ...told, unforeseen: times });
  return times;
}

function toTell(): Details {
  const info = activityInfo();
  const own = done.get(info);
  if (own !== undefined) return own;
  const before: unknown = info.heartbeatDetails;
  const { fruitful, unforeseen: times } = carried.safeParse(before).data ?? { fruitful: 0, unforeseen: 0 };
  return times === 0 ? { fruitful } : { fruitful, unforeseen: times };
}
