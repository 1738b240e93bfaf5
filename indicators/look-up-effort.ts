import type { Fault } from './fault.ts';
import type { LookUpGivenUp } from './policy.ts';

/** What has been tried for a host that MDTI does not answer for while it answers for others. */
export interface LookUpEffort {
  /** Tries that failed, one after another. */
  readonly failures: number;
  /** Not before then. */
  readonly tryAt: Date;
  /** Why it is set aside until then; null while it is still tried. */
  readonly givenUp: LookUpGivenUp | null;
}

/** After each failure so long: five tries over two minutes. The first ones are soon over, since most failures are nobody's fault. */
const WAITS_MS = [1_000, 5_000, 30_000, 90_000] as const;
const TRIES = WAITS_MS.length + 1;
/** What was answered but cannot be read hardly changes within minutes. */
const TRIES_UNREADABLE = 3;
/** What is set aside is tried again by the first live run after this. */
const NEXT_DAY_MS = 24 * 60 * 60_000;
/** So often it is asked for together with others; should it be what fails their request, it must not fail it for ever. */
const TRIES_TOGETHER = 2;

/** Whether a host has its requests to itself by now. */
export function isAskedAlone(failures: number): boolean {
  return failures >= TRIES_TOGETHER;
}

/** What follows from one more failure. */
export function afterFailure(failures: number, fault: Fault, now: Date): LookUpEffort {
  // The next day it starts anew, but by itself.
  const count = 1 + (failures < TRIES ? failures : TRIES_TOGETHER);
  const isUnreadable = fault.kind === 'Malformed';
  const wait = isUnreadable && count >= TRIES_UNREADABLE ? undefined : WAITS_MS[count - 1];
  if (wait !== undefined) return { failures: count, tryAt: new Date(now.getTime() + wait), givenUp: null };
  const givenUp = isUnreadable ? 'unreadable-reputation' : 'look-up-failed';
  return { failures: TRIES, tryAt: new Date(now.getTime() + NEXT_DAY_MS), givenUp };
}

/** Why an indicator is set aside, as a sentence for its list. */
export function givenUpSentence(why: LookUpGivenUp, failure: string): string {
  return why === 'look-up-failed'
    ? `The reputation of its host could not be had in ${TRIES} tries, while MDTI answered for others. The last time: ${failure}`
    : `The reputation of its host could not be read. ${failure}`;
}
