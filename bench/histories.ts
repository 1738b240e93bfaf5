import type { Temporal } from '../client/connect.ts';
import { type Actions, actionsOf, addActions } from './actions.ts';

export interface Histories {
  readonly workflows: number;
  readonly events: number;
  readonly bytes: number;
  readonly largestEvents: number;
  readonly largestBytes: number;
}

/** The histories of all workflow runs of a pipeline, as the server counts them. */
export async function historiesOf({ client }: Temporal, pipeline: string): Promise<Histories> {
  const sum = { workflows: 0, events: 0, bytes: 0, largestEvents: 0, largestBytes: 0 };
  for await (const { historyLength, historySize } of client.workflow.list({ query: `MdtiPipeline = '${pipeline}'` })) {
    sum.workflows += 1;
    sum.events += historyLength;
    sum.bytes += historySize ?? 0;
    sum.largestEvents = Math.max(sum.largestEvents, historyLength);
    sum.largestBytes = Math.max(sum.largestBytes, historySize ?? 0);
  }
  return sum;
}

/** What one run and everything below it has cost: actions as their histories show them, and the histories' size. */
export interface RunCost {
  readonly actions: Actions;
  readonly events: number;
  readonly bytes: number;
}

/** Follows children, and a run that went on as a new one. */
export async function costOfRun(
  { client }: Pick<Temporal, 'client'>,
  workflowId: string,
  runId?: string,
): Promise<RunCost> {
  const handle = client.workflow.getHandle(workflowId, runId);
  const { historySize } = await handle.describe();
  const { events } = await handle.fetchHistory();
  const all = events ?? [];
  let cost: RunCost = { actions: actionsOf(all), events: all.length, bytes: historySize ?? 0 };
  for (const event of all) {
    const child = event.childWorkflowExecutionStartedEventAttributes?.workflowExecution;
    const next = event.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
    if (child?.workflowId) {
      cost = addCosts(cost, await costOfRun({ client }, child.workflowId, child.runId ?? undefined));
    }
    if (next) cost = addCosts(cost, await costOfRun({ client }, workflowId, next));
  }
  return cost;
}

function addCosts(a: RunCost, b: RunCost): RunCost {
  return { actions: addActions(a.actions, b.actions), events: a.events + b.events, bytes: a.bytes + b.bytes };
}
