import type { temporal } from '@temporalio/proto';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

/** What Temporal Cloud bills, by kind. (Source: docs.temporal.io/cloud/actions.) */
export const ACTION_KINDS = [
  'schedule',
  'workflow start',
  'child workflow',
  'continue as new',
  'activity',
  'activity retry',
  'heartbeat',
  'search attributes',
  'timer',
  'signal',
  'update',
  'markers',
] as const;
export type ActionKind = (typeof ACTION_KINDS)[number];
export type Actions = Readonly<Record<ActionKind, number>>;

const NO_ACTIONS: Actions = {
  schedule: 0,
  'workflow start': 0,
  'child workflow': 0,
  'continue as new': 0,
  activity: 0,
  'activity retry': 0,
  heartbeat: 0,
  'search attributes': 0,
  timer: 0,
  signal: 0,
  update: 0,
  markers: 0,
};

/** A schedule's own part of each start, and a child's intent and start. */
const SCHEDULED_START = 2;
const CHILD_START = 2;

export function addActions(a: Actions, b: Actions): Actions {
  return fromEach((kind) => a[kind] + b[kind]);
}

/** `times` of the actions. */
export function scaleActions(actions: Actions, times: number): Actions {
  return fromEach((kind) => actions[kind] * times);
}

export function totalOf(actions: Actions): number {
  return ACTION_KINDS.reduce((sum, kind) => sum + actions[kind], 0);
}

function fromEach(of: (kind: ActionKind) => number): Actions {
  const actions = { ...NO_ACTIONS };
  for (const kind of ACTION_KINDS) actions[kind] = of(kind);
  return actions;
}

/** The actions that a history of a run, or of a child of one, shows: all but heartbeats, which leave no event. */
export function actionsOf(events: readonly HistoryEvent[]): Actions {
  const actions = { ...NO_ACTIONS };
  const markers = new Set<string>();
  for (const event of events) {
    const started = event.workflowExecutionStartedEventAttributes;
    if (started) {
      if (started.continuedExecutionRunId) actions['continue as new'] += 1;
      // A child is counted where it is begun.
      else if (!started.parentWorkflowExecution) {
        actions.schedule += SCHEDULED_START;
        actions['workflow start'] += 1;
      }
    }
    if (event.startChildWorkflowExecutionInitiatedEventAttributes) actions['child workflow'] += CHILD_START;
    if (event.activityTaskScheduledEventAttributes) actions.activity += 1;
    // Attempts that failed leave no event of their own.
    const attempts = event.activityTaskStartedEventAttributes?.attempt ?? 1;
    actions['activity retry'] += attempts - 1;
    if (event.upsertWorkflowSearchAttributesEventAttributes) actions['search attributes'] += 1;
    if (event.timerStartedEventAttributes) actions.timer += 1;
    if (event.workflowExecutionSignaledEventAttributes) actions.signal += 1;
    if (event.workflowExecutionUpdateAcceptedEventAttributes) actions.update += 1;
    // All markers of one workflow task are one action.
    const marker = event.markerRecordedEventAttributes;
    if (marker) markers.add(String(marker.workflowTaskCompletedEventId));
  }
  return { ...actions, markers: markers.size };
}
