import { activityInfo } from '@temporalio/activity';
import { growingWait } from '../delivery/growing-wait.ts';
import { fruitlessAttempts } from '../delivery/progress.ts';
import { Fault } from '../indicators/fault.ts';
import type { LookUpGivenUp } from '../indicators/policy.ts';
import type { Reputation } from '../indicators/reputation.ts';
import { type FailedLookUp, failedLookUps } from '../ledger/look-up-failures.ts';
import { knownReputations } from '../ledger/reputations.ts';
import { LookUpAttempt } from './look-up-attempt.ts';
import type { Parts } from './parts.ts';

export interface GivenUpHost {
  readonly why: LookUpGivenUp;
  readonly failure: string;
  /** It is tried again from then on. */
  readonly until: Date;
}

export interface LookedUp {
  readonly known: ReadonlyMap<string, Reputation>;
  /** Those that are set aside, by this batch's tries or another one's. */
  readonly givenUp: ReadonlyMap<string, GivenUpHost>;
  /** Hosts that this attempt asked for. */
  readonly lookedUp: number;
}

/** Hosts that another activity is looking up are asked for again after this, and then less and less often. */
const OTHERS_MS = 2_000;
/** A try that is due is still on its way to whoever is to make it. */
const SHORTEST_WAIT_MS = 100;

/**
 * The reputations of hosts; those that nobody has looked up within their time to live are looked up. Each of the hosts is known or
 * given up when it returns: while some are neither it throws, with when to come back. `pipeline` is null for hosts that a person asks for.
 */
export async function lookUpHosts(parts: Parts, pipeline: string | null, hosts: readonly string[]): Promise<LookedUp> {
  const known = new Map(await knownReputations(parts.ledger, hosts, parts.now()));
  const isMissing = (host: string): boolean => !known.has(host);
  const missing = hosts.filter(isMissing);
  const failed = await failedLookUps(parts.ledger, missing, parts.now());
  const { workflowExecution, activityId } = activityInfo();
  const me = `${workflowExecution?.workflowId ?? ''}#${activityId}`;
  const attempt = new LookUpAttempt(parts, { pipeline, me }, known, failed);
  const now = parts.now();
  const due = missing.filter((host) => (failed.get(host)?.tryAt ?? now) <= now);
  if (due.length > 0) await attempt.run(due);

  for (const [host, found] of await knownReputations(parts.ledger, hosts.filter(isMissing), parts.now())) {
    known.set(host, found);
  }
  const failing = await failedLookUps(parts.ledger, hosts.filter(isMissing), parts.now());
  const givenUp = new Map([...failing].flatMap(([host, one]) => givenUpHost(host, one, parts.now())));
  const left = hosts.filter((host) => isMissing(host) && !givenUp.has(host));
  if (left.length > 0) throw leftOver(left, failing, parts.now());
  return { known, givenUp, lookedUp: attempt.lookedUp };
}

function givenUpHost(host: string, { givenUp, failure, tryAt }: FailedLookUp, now: Date): [string, GivenUpHost][] {
  return givenUp === null || tryAt <= now ? [] : [[host, { why: givenUp, failure, until: tryAt }]];
}

/** Why the batch cannot be decided yet: hosts to be tried again, or that others are looking up. */
function leftOver(left: readonly string[], failing: ReadonlyMap<string, FailedLookUp>, now: Date): Fault {
  const trying = left.flatMap((host) => failing.get(host) ?? []);
  const [first] = trying.toSorted((a, b) => a.tryAt.getTime() - b.tryAt.getTime());
  const others = growingWait(OTHERS_MS, fruitlessAttempts());
  if (first === undefined) {
    return new Fault('Throttled', `${left.length} hosts are being looked up by another batch.`, {
      retryAfterMs: others,
    });
  }
  const wait = Math.max(SHORTEST_WAIT_MS, first.tryAt.getTime() - now.getTime());
  const retryAfterMs = trying.length < left.length ? Math.min(wait, others) : wait;
  return new Fault(
    'Unavailable',
    `The look-up of ${trying.length} hosts failed and is tried again; others are answered. The last time: ${first.failure}`,
    { retryAfterMs },
  );
}
