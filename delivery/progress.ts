import { activityInfo, heartbeat } from '@temporalio/activity';
import { z } from 'zod';

type Details = Readonly<Record<string, number>>;

/** Failures of which it counts how many there were since the last attempt that got somewhere. */
type Counted = 'unforeseen' | 'unavailable';

/** As a heartbeat carries it to the next attempt: the newest attempt that got somewhere, and what is counted since. */
const carried = z.object({
  fruitful: z.number(),
  unforeseen: z.number().optional(),
  unavailable: z.number().optional(),
});

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

/** Says how the attempt fails; how many have done so since the last one that got somewhere. */
export function failedAs(kind: Counted): number {
  const info = activityInfo();
  const told = toTell();
  const times = told['fruitful'] === info.attempt ? 1 : (told[kind] ?? 0) + 1;
  done.set(info, { ...told, [kind]: times });
  return times;
}

function toTell(): Details {
  const info = activityInfo();
  const own = done.get(info);
  if (own !== undefined) return own;
  const before: unknown = info.heartbeatDetails;
  const { fruitful, unforeseen = 0, unavailable = 0 } = carried.safeParse(before).data ?? { fruitful: 0 };
  return { fruitful, ...(unforeseen === 0 ? {} : { unforeseen }), ...(unavailable === 0 ? {} : { unavailable }) };
}
