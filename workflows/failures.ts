import {
  ActivityFailure,
  ApplicationFailure,
  ChildWorkflowFailure,
  isCancellation,
  rootCause,
} from '@temporalio/workflow';

/** A failure as data: the class that the activities gave it, and its sentence. */
export interface Failed {
  readonly type: string;
  readonly message: string;
}

/** What an activity or a child failed with. Cancellation is not a failure: it is thrown on. */
export function failedWith(error: unknown): Failed {
  if (isCancellation(error)) throw error;
  let cause: unknown = error;
  while ((cause instanceof ActivityFailure || cause instanceof ChildWorkflowFailure) && cause.cause !== undefined) {
    cause = cause.cause;
  }
  if (cause instanceof ApplicationFailure) return { type: cause.type ?? 'Unexpected', message: cause.message };
  return { type: 'Unexpected', message: rootCause(error) ?? 'It failed without saying why.' };
}

export function failure({ type, message }: Failed): ApplicationFailure {
  return ApplicationFailure.create({ type, message, nonRetryable: true });
}
