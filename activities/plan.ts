import type { Window } from '../indicators/window.ts';
import { type PlannedWindow, planWindows } from '../ledger/windows.ts';
import type { Parts } from './parts.ts';

export interface PlanInput {
  readonly pipeline: string;
  /** Windows to hand out at most. */
  readonly limit: number;
  /** Only from this instant on; null from the pipeline's beginning. */
  readonly after: string | null;
}

export interface Plan {
  readonly windows: readonly PlannedWindow[];
  /** What the windows of this plan and the ledger cover together. */
  readonly span: Window | null;
  readonly lanes: number;
}

/** Asks coverage what a live run has to read: everything since the pipeline's beginning that is settled and not done. */
export async function plan(parts: Parts, input: PlanInput): Promise<Plan> {
  const pipeline = parts.pipeline(input.pipeline);
  const now = parts.now();
  const first = await parts.ledger
    .selectFrom('windows')
    .select((eb) => eb.fn.min('from_time').as('from'))
    .where('pipeline', '=', input.pipeline)
    .where('kind', '=', 'live')
    .executeTakeFirst();
  const from = input.after === null ? (first?.from ?? pipeline.since(now)) : new Date(input.after);
  const to = wholeSecond(now.getTime() - pipeline.settleMs);
  if (to.getTime() <= from.getTime()) return { windows: [], span: null, lanes: pipeline.lanes };
  const span = { from: wholeSecond(from.getTime()).toISOString(), to: to.toISOString() };
  const windows = await planWindows(parts.ledger, {
    pipeline: input.pipeline,
    kind: 'live',
    span,
    windowMs: pipeline.windowMs,
    overlapMs: pipeline.overlapMs,
    limit: input.limit,
    now,
  });
  return { windows, span, lanes: pipeline.lanes };
}

/** Window bounds are part of workflow ids: whole seconds keep them readable. */
function wholeSecond(ms: number): Date {
  return new Date(Math.floor(ms / 1_000) * 1_000);
}
