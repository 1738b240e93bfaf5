import { Fault } from '../indicators/fault.ts';
import type { Slice } from '../indicators/window.ts';
import type { Unread } from '../ledger/unread-slices.ts';
import type { Counted } from '../sentinel/sentinel-reader.ts';
import type { Pipeline } from './parts.ts';

/** What the source answers when a slice, or the count of one, is not to be had; the other kinds are about something else. */
export function isUnread(error: unknown): error is Fault {
  return error instanceof Fault && (error.kind === 'Unavailable' || error.kind === 'TooLarge');
}

const TRIES = 3;
/** An outage of another kind says less of what was asked for than a time-out does, and is given more time. */
const PATIENCE = 30;

/**
 * Whether a slice has been asked for so often and for so long that it is no longer likely that the service was only busy. Whether the
 * service answers anything else is another question, and to be asked before anything follows from this.
 */
export function isLasting({ tries, since }: Unread, fault: Fault, now: Date, halveAfterMs: number): boolean {
  const isOfTheQuery = fault.timedOut || fault.kind === 'TooLarge';
  return tries >= TRIES && now.getTime() - since.getTime() >= halveAfterMs * (isOfTheQuery ? 1 : PATIENCE);
}

/** Slices are made where rows were counted, or could not be: a workspace that is said to have no data then (204) has some. */
export function believable(counted: Counted): Counted {
  if (!counted.emptyWorkspace) return counted;
  throw new Fault('Unavailable', 'The source says that its workspace has no data (204), where rows are to be read.');
}

/** Asks for next to nothing, as far as the slice goes: its last millisecond. Throws when not even that is answered. */
export async function askForLittle({ reader, source }: Pipeline, { to }: Pick<Slice, 'to'>, signal: AbortSignal) {
  return believable(await reader.count(source, { from: new Date(Date.parse(to) - 1).toISOString(), to }, signal));
}

const FIRST_WAIT_MS = 5 * 60_000;
const LONGEST_WAIT_MS = 24 * 60 * 60_000;

/** When a slice that was set aside is read again: after minutes at first, and once a day in the end. */
export function dueAgain({ tries }: Unread, now: Date): Date {
  const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(Math.max(0, tries - TRIES), 20));
  return new Date(now.getTime() + wait);
}
