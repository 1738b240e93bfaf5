import { cancellationSignal, log } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';
import { beat, failedAs, fruitlessAttempts, tellProgress } from '../delivery/progress.ts';
import { Fault, type FaultKind } from '../indicators/fault.ts';

/** Retried by the engine; the others come back to the workflow, which decides by the type. */
const RETRIED: ReadonlySet<FaultKind> = new Set(['Throttled', 'Unavailable']);
const LONGEST_BACKOFF_MS = 5 * 60_000;
/** The pace itself holds back whoever comes too early, and somebody has to find out that a throttle is over. */
const LONGEST_THROTTLED_MS = 10_000;
/** What nobody foresaw may pass by itself; what does not is no longer tried in silence. */
const UNEXPECTED_TRIES = 5;
/**
 * Whoever tries again before an API's pause is over is held back by its budget, and does not ask the API: so a pause that a person has
 * lifted is found out soon.
 */
const LONGEST_HELD_MS = 60_000;
/** With a delay of nothing ("Retry-After: 0") the engine would not try again at all. */
const SHORTEST_DELAY_MS = 100;
/** Well below the heartbeat timeouts of the workflows, so that only a worker that has died misses one. */
const BEAT_EVERY_MS = 5_000;

export interface BoundaryOptions<I> {
  /** Called before the step fails and is to be tried again after a delay. */
  readonly beforeRetry?: (input: I, delayMs: number) => Promise<void>;
  /** No answer makes the step wait longer. */
  readonly longestRetryAfterMs?: number | undefined;
}

/**
 * Wraps a step so that whatever it throws reaches Temporal as a failure of one of the project's classes, with a sentence and
 * nothing else: an unforeseen error may quote an indicator, so its text stays in the worker's log.
 */
export function withFaultBoundary<I, O>(
  name: string,
  step: (input: I) => Promise<O>,
  { beforeRetry, longestRetryAfterMs = Number.POSITIVE_INFINITY }: BoundaryOptions<I> = {},
): (input: I) => Promise<O> {
  return async (input) => {
    const beating = setInterval(beat, BEAT_EVERY_MS);
    try {
      return await step(input);
    } catch (error) {
      const failure = failureOf(name, error, longestRetryAfterMs);
      tellProgress();
      if (failure instanceof ApplicationFailure && failure.nonRetryable !== true) {
        await beforeRetry?.(input, Number(failure.nextRetryDelay ?? 0));
      }
      throw failure;
    } finally {
      clearInterval(beating);
    }
  };
}

function failureOf(name: string, error: unknown, longestMs: number): Error {
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure) return error;
  // A wait that was cut short, by a worker that stops or by whoever cancels the run: the engine knows what to do.
  if (error instanceof Error && error.name === 'AbortError' && cancellationSignal().aborted) return error;
  if (error instanceof Fault) {
    const retried = RETRIED.has(error.kind);
    return ApplicationFailure.create({
      type: error.kind,
      message: error.message,
      nonRetryable: !retried,
      // Waiting in line is no failure: it does not belong into error logs.
      ...(error.kind === 'Throttled' ? { category: ApplicationFailureCategory.BENIGN } : {}),
      ...(retried
        ? {
            nextRetryDelay: Math.max(SHORTEST_DELAY_MS, delayAfter(error, longestMs)),
          }
        : {}),
    });
  }
  log.error('a step failed in a way that nobody foresaw', { step: name, error });
  const what = error instanceof Error ? error.name : typeof error;
  const tries = failedAs('unforeseen');
  const isLast = tries >= UNEXPECTED_TRIES;
  return ApplicationFailure.create({
    type: 'Unexpected',
    message: `${name} failed unexpectedly (${what})${isLast ? `, ${tries} times running` : ''}. The worker's log has the details.`,
    nonRetryable: isLast,
    ...(isLast ? {} : { nextRetryDelay: backoff(tries) }),
  });
}

function delayAfter({ kind, retryAfterMs, isUnpaced, isOurs }: Fault, longestMs: number): number {
  if (retryAfterMs === undefined) return delayOf(kind);
  if (isOurs) return retryAfterMs;
  const isHeld = kind === 'Throttled' && !isUnpaced;
  return Math.min(retryAfterMs, longestMs, isHeld ? LONGEST_HELD_MS : longestMs);
}

/** Only what was not available counts for how long that has lasted: of waiting in line there may have been hours before. */
function delayOf(kind: FaultKind): number {
  return kind === 'Throttled' ? backoff(fruitlessAttempts(), LONGEST_THROTTLED_MS) : backoff(failedAs('unavailable'));
}

/** Doubles from one second to the longest; half of it is jitter, so that workers do not come back together. */
function backoff(attempt: number, longestMs = LONGEST_BACKOFF_MS): number {
  const longest = Math.min(longestMs, 1_000 * 2 ** Math.min(attempt - 1, 20));
  return Math.round(longest / 2 + (Math.random() * longest) / 2);
}
