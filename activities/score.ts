import { activityInfo, cancellationSignal } from '@temporalio/activity';
import { decide, hostToLookUp } from '../indicators/decide.ts';
import { Fault } from '../indicators/fault.ts';
import type { Reputation, Verdict } from '../indicators/reputation.ts';
import { type ItemDecision, type UndecidedItem, undecidedItems, writeDecisions } from '../ledger/batches.ts';
import { claimHosts, knownReputations, releaseHosts, saveReputations } from '../ledger/reputations.ts';
import type { Parts, Pipeline } from './parts.ts';
import { progressed } from './progress.ts';
import type { WindowRef } from './window-ref.ts';

export interface BatchRef extends WindowRef {
  readonly batch: number;
}

export interface Scored {
  readonly hosts: number;
  readonly lookedUp: number;
  readonly deliver: number;
  readonly hold: number;
}

/** A worker that dies holds its hosts up for no longer than this. */
const LEASE_MS = 120_000;
/** Hosts that another activity is looking up are asked for again after this. */
const OTHERS_MS = 2_000;

/** Decides every item of a batch; looks up the hosts that nobody has looked up within their time to live. */
export async function score(parts: Parts, input: BatchRef): Promise<Scored> {
  const pipeline = parts.pipeline(input.pipeline);
  const items = await undecidedItems(parts.ledger, input.windowId, input.batch);
  const hosts = [...new Set(items.flatMap((item) => hostOf(item, pipeline) ?? []))];
  const { known, unreadable, lookedUp } = await reputationsOf(parts, input.pipeline, hosts);
  const decisions = items.map((item) => ({ id: item.id, decision: decisionOf(item, pipeline, known, unreadable) }));
  await writeDecisions(parts.ledger, input.windowId, decisions);
  const of = (kind: ItemDecision['kind']): number => decisions.filter(({ decision }) => decision.kind === kind).length;
  const deliver = of('deliver');
  parts.telemetry.decided(input.pipeline, { deliver, hold: of('hold') });
  return { hosts: hosts.length, lookedUp, deliver, hold: decisions.length - deliver };
}

function hostOf(item: UndecidedItem, pipeline: Pipeline): string | null {
  return item.exclusion === null ? hostToLookUp(item.indicator, pipeline.policy) : null;
}

function decisionOf(
  item: UndecidedItem,
  pipeline: Pipeline,
  known: ReadonlyMap<string, Reputation>,
  unreadable: ReadonlySet<string>,
): ItemDecision {
  if (item.exclusion !== null) return { kind: 'exclude', reason: item.exclusion, score: null };
  const host = hostToLookUp(item.indicator, pipeline.policy);
  if (host !== null && unreadable.has(host)) return { kind: 'hold', reason: 'unreadable-reputation', score: null };
  const verdict: Verdict | undefined = host === null ? { kind: 'not-a-host' } : known.get(host);
  if (verdict === undefined) throw new Error('A batch is not decided without the reputation of each of its hosts.');
  return decide(item.indicator, verdict, pipeline.policy);
}

async function reputationsOf(
  parts: Parts,
  pipeline: string,
  hosts: readonly string[],
): Promise<{ known: ReadonlyMap<string, Reputation>; unreadable: ReadonlySet<string>; lookedUp: number }> {
  const { workflowExecution, activityId } = activityInfo();
  const me = `${workflowExecution?.workflowId ?? ''}#${activityId}`;
  const unreadable = new Set<string>();
  const known = new Map(await knownReputations(parts.ledger, hosts, parts.now()));
  const missing = hosts.filter((host) => !known.has(host));
  const mine = await claimHosts(parts.ledger, missing, me, LEASE_MS, parts.now());
  await lookUpAll(parts, pipeline, mine, me, { known, unreadable });
  const others = await knownReputations(
    parts.ledger,
    missing.filter((host) => !known.has(host) && !unreadable.has(host)),
    parts.now(),
  );
  for (const [host, reputation] of others) known.set(host, reputation);
  const left = hosts.length - known.size - unreadable.size;
  if (left > 0) {
    throw new Fault('Throttled', `${left} hosts are being looked up by another batch.`, {
      retryAfterMs: OTHERS_MS,
    });
  }
  return { known, unreadable, lookedUp: mine.length };
}

/** Saves what was found call by call, so that a retry asks only for what is still missing. */
async function lookUpAll(
  parts: Parts,
  pipeline: string,
  hosts: readonly string[],
  me: string,
  found: { readonly known: Map<string, Reputation>; readonly unreadable: Set<string> },
): Promise<void> {
  const { hostsPerCall } = parts.reputations;
  const calls: string[][] = [];
  for (let at = 0; at < hosts.length; at += hostsPerCall) calls.push(hosts.slice(at, at + hostsPerCall));
  const faults: Fault[] = [];

  const lane = async (): Promise<void> => {
    for (let call = calls.shift(); call !== undefined; call = calls.shift()) {
      const outcomes = await parts.reputations.lookUp(call, cancellationSignal());
      const now = parts.now();
      const known = outcomes.flatMap((outcome) => (outcome.kind === 'known' ? [outcome] : []));
      for (const { host, reputation } of known) found.known.set(host, reputation);
      await saveReputations(
        parts.ledger,
        known.map(({ host, reputation }) => ({
          host,
          reputation,
          expiresAt: new Date(now.getTime() + parts.reputationTtlMs[reputation.kind]),
        })),
        now,
      );
      const scored = known.filter(({ reputation }) => reputation.kind === 'scored').length;
      parts.telemetry.lookedUp(pipeline, {
        scored,
        noReputation: known.length - scored,
        failed: outcomes.length - known.length,
      });
      for (const outcome of outcomes) {
        if (outcome.kind === 'known') continue;
        if (outcome.fault.kind === 'Malformed') found.unreadable.add(outcome.host);
        else faults.push(outcome.fault);
      }
      if (known.length > 0) progressed({ known: found.known.size });
    }
  };
  const lanes = await Promise.allSettled(Array.from({ length: parts.lookUpConcurrency }, lane));
  const broken = lanes.find((result) => result.status === 'rejected');
  const worst =
    faults.find(({ kind }) => kind === 'Refused') ?? faults.find(({ kind }) => kind === 'Throttled') ?? faults[0];
  await releaseHosts(parts.ledger, me);
  if (broken !== undefined) throw broken.reason;
  if (worst !== undefined) throw worst;
}
