import { decide, hostToLookUp } from '../indicators/decide.ts';
import { givenUpSentence } from '../indicators/look-up-effort.ts';
import type { Verdict } from '../indicators/reputation.ts';
import {
  type ItemDecision,
  type ToScore,
  type UndecidedItem,
  undecidedItems,
  writeDecisions,
} from '../ledger/batches.ts';
import type { SetAside } from '../ledger/set-aside.ts';
import { type LookedUp, lookUpHosts } from './look-up-hosts.ts';
import type { Parts, Pipeline } from './parts.ts';
import type { WindowRef } from './window-ref.ts';

export interface Scored {
  readonly hosts: number;
  readonly lookedUp: number;
  readonly deliver: number;
  readonly hold: number;
}

/** A part of a window that is scored together; a run of an earlier release scores batch by batch. */
export type ScoreInput = WindowRef & ToScore;

/** Decides every item of it; those whose host's look-up was given up are held, and set aside for the next day. */
export async function score(parts: Parts, input: ScoreInput): Promise<Scored> {
  const pipeline = parts.pipeline(input.pipeline);
  const items = await undecidedItems(parts.ledger, input.windowId, input);
  const hosts = [...new Set(items.flatMap((item) => hostOf(item, pipeline) ?? []))];
  const found = await lookUpHosts(parts, input.pipeline, hosts);
  const decisions = items.map((item) => ({ id: item.id, decision: decisionOf(item, pipeline, found) }));
  const aside = items.flatMap((item) => setAsideOf(item, pipeline, found));
  await writeDecisions(parts.ledger, input.windowId, decisions, { aside, now: parts.now() });
  const of = (kind: ItemDecision['kind']): number => decisions.filter(({ decision }) => decision.kind === kind).length;
  const deliver = of('deliver');
  parts.telemetry.decided(input.pipeline, { deliver, hold: of('hold') });
  return { hosts: hosts.length, lookedUp: found.lookedUp, deliver, hold: decisions.length - deliver };
}

function hostOf(item: UndecidedItem, pipeline: Pipeline): string | null {
  return item.exclusion === null ? hostToLookUp(item.indicator, pipeline.policy) : null;
}

function decisionOf(item: UndecidedItem, pipeline: Pipeline, { known, givenUp }: LookedUp): ItemDecision {
  if (item.exclusion !== null) return { kind: 'exclude', reason: item.exclusion, score: null };
  const host = hostToLookUp(item.indicator, pipeline.policy);
  const given = host === null ? undefined : givenUp.get(host);
  if (given !== undefined) return { kind: 'hold', reason: given.why, score: null };
  const verdict: Verdict | undefined = host === null ? { kind: 'not-a-host' } : known.get(host);
  if (verdict === undefined) throw new Error('A batch is not decided without the reputation of each of its hosts.');
  return decide(item.indicator, verdict, pipeline.policy);
}

function setAsideOf(item: UndecidedItem, pipeline: Pipeline, { givenUp }: LookedUp): SetAside[] {
  const given = givenUp.get(hostOf(item, pipeline) ?? '');
  if (given === undefined) return [];
  return [{ id: item.id, stage: 'look-up', reason: givenUpSentence(given.why, given.failure), dueAt: given.until }];
}
