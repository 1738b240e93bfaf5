import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  ChildWorkflowFailure,
  isCancellation,
  TerminatedFailure,
  TimeoutFailure,
} from '@temporalio/workflow';

/** A failure as data: the class that the activities gave it, and its sentence. */
export interface Failed {
  readonly type: string;
  readonly message: string;
}

/** A child that did not say why it ended: somebody cancelled or terminated it. */
export const ENDED = 'Ended';
/** Not a failure of the window: another run is at work on it, or has done it. */
export const TAKEN = 'Taken';

/** Whether it is for a person to mend, and waits for one: the next try will fail like this one. */
export function blocks({ type }: Failed): boolean {
  return type === 'Refused' || type === 'Unexpected';
}

/** What an activity or a child failed with. That the run itself is cancelled is not a failure: it is thrown on. */
export function failedWith(error: unknown): Failed {
  if (isCancellation(error) && CancellationScope.current().consideredCancelled) throw error;
  let cause: unknown = error;
  let what = 'It';
  while (cause instanceof ActivityFailure || cause instanceof ChildWorkflowFailure) {
    what =
      cause instanceof ActivityFailure
        ? `The step ${cause.activityType}`
        : `The ${cause.workflowType} ${cause.execution.workflowId ?? ''}`;
    if (cause.cause === undefined) break;
    cause = cause.cause;
  }
  if (cause instanceof ApplicationFailure && cause.message !== '')
    return { type: cause.type ?? 'Unexpected', message: cause.message };
  return { type: ENDED, message: `${what} ${endOf(cause)}.` };
}

/** The engine's own failures have words of their own, or none. */
function endOf(cause: unknown): string {
  if (cause instanceof CancelledFailure) return 'was cancelled';
  if (cause instanceof TerminatedFailure) return 'was terminated';
  if (cause instanceof TimeoutFailure) return 'did not end in the time that it may take';
  return `failed without saying why${cause instanceof Error ? ` (${cause.name})` : ''}`;
}

export function failure({ type, message }: Failed): ApplicationFailure {
  return ApplicationFailure.create({ type, message, nonRetryable: true });
}
