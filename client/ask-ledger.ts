import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { Answers, Question } from '../workflows/ask.ts';
import { questionName } from '../workflows/names.ts';
import { MdtiPipeline } from '../workflows/search-attributes.ts';
import type { Temporal } from './connect.ts';
import { isPolled, noWorkerOn } from './no-worker.ts';
import { NoWorker } from './temporal-errors.ts';

/** A worker is at it, and had no answer within the time; the message says what is in its way. */
export class NotAnsweredYet extends Error {
  override readonly name = 'NotAnsweredYet';
}

/** The worker's configuration has no such pipeline; the message names those that it has. */
export class UnknownPipeline extends Error {
  override readonly name = 'UnknownPipeline';
}

export interface AskOptions {
  readonly timeoutMs?: number;
  /** Called now and then while there is no answer: with a sentence on what is in its way, or null when nothing is known to be. */
  readonly onWaiting?: (trouble: string | null) => void;
  /** Whoever asks has given up: so does the question. */
  readonly signal?: AbortSignal;
}

/** For what ends the question by itself when whoever asked it has died. */
const GRACE_MS = 60_000;
/** So often whoever wants to know hears what is in the way. */
const LOOK_EVERY_MS = 3_000;

/** Asks a worker what the ledger knows. Throws `NoWorker`, `NotAnsweredYet`, `UnknownPipeline`, or an error with the worker's own sentence. */
export async function askLedger<K extends Question['kind']>(
  temporal: Temporal,
  taskQueue: string,
  question: Extract<Question, { kind: K }>,
  { timeoutMs = 30_000, onWaiting, signal }: AskOptions = {},
): Promise<Answers[K]> {
  const { client, connection } = temporal;
  if (!(await isPolled(temporal, taskQueue))) throw noWorkerOn(taskQueue, temporal);
  signal?.throwIfAborted();
  const { pipeline } = question;
  const handle = await client.workflow.start('ask', {
    // A question is not part of a pipeline's story: any two may be asked at once.
    workflowId: `ask/${pipeline ?? 'values'}/${question.kind}/${randomUUID().slice(0, 8)}`,
    taskQueue,
    args: [question],
    workflowExecutionTimeout: timeoutMs + GRACE_MS,
    staticSummary: questionName(question),
    typedSearchAttributes: pipeline === null ? [] : [{ key: MdtiPipeline, value: pipeline }],
  });
  // Waiting for the answer is a call that stays open: it must not outlive the asking.
  const asking = new AbortController();
  const answered = connection.withAbortSignal(asking.signal, () => answerOf<Answers[K]>(handle));
  answered.catch(() => undefined);
  if (onWaiting !== undefined) void tellTroubles(temporal, handle, onWaiting, asking.signal).catch(() => undefined);
  try {
    const late = sleep(timeoutMs, null, signal === undefined ? {} : { signal });
    late.catch(() => undefined);
    // An answer may be null: that there is none yet is another thing.
    const came = await Promise.race([answered.then((answer) => ({ answer })), late]);
    if (came !== null) return came.answer;
    throw await unanswered(temporal, taskQueue, handle, timeoutMs);
  } catch (error) {
    await handle.terminate('nobody waits for the answer any more').catch(() => undefined);
    throw signal?.aborted === true ? signal.reason : error;
  } finally {
    asking.abort();
  }
}

async function answerOf<A>(handle: WorkflowHandle): Promise<A> {
  try {
    const answer: A = await handle.result();
    return answer;
  } catch (error) {
    const refusal = error instanceof WorkflowFailedError ? applicationFailure(error.cause) : null;
    if (refusal?.type === 'UnknownPipeline') throw new UnknownPipeline(refusal.message, { cause: error });
    throw refusal === null ? error : new Error(refusal.message, { cause: error });
  }
}

/** Until the signal. What cannot be found out is told by the answer, or by its missing. */
async function tellTroubles(
  { connection }: Temporal,
  handle: WorkflowHandle,
  tell: (trouble: string | null) => void,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    await sleep(LOOK_EVERY_MS, null, { signal });
    const { trouble, isTakenUp } = await connection.withAbortSignal(signal, () => stepOf(handle));
    signal.throwIfAborted();
    if (trouble !== '') tell(trouble);
    else tell(isTakenUp ? null : 'No worker has taken it up yet.');
  }
}

interface StepState {
  /** Of its last try; empty for none. */
  readonly trouble: string;
  readonly isTakenUp: boolean;
}

async function stepOf(handle: WorkflowHandle): Promise<StepState> {
  const { raw } = await handle.describe();
  const [step] = raw.pendingActivities ?? [];
  const trouble = step?.lastFailure?.message ?? '';
  // One that waits for its next try has not started, as far as the server says.
  return { trouble, isTakenUp: trouble !== '' || (step?.lastStartedTime ?? null) !== null };
}

/** Which of the ways in which no answer comes it was. */
async function unanswered(
  temporal: Temporal,
  taskQueue: string,
  handle: WorkflowHandle,
  timeoutMs: number,
): Promise<Error> {
  if (!(await isPolled(temporal, taskQueue))) return noWorkerOn(taskQueue, temporal);
  const within = timeoutMs < 120_000 ? `${Math.round(timeoutMs / 1_000)} s` : `${Math.round(timeoutMs / 60_000)} min`;
  const { trouble, isTakenUp } = await stepOf(handle);
  if (!isTakenUp) {
    return new NoWorker(
      `A worker has asked for work on the task queue ${taskQueue} within the last minutes, and has not taken the question up within ${within}: it has ended since, or is busy. Look at its log, and try again.`,
    );
  }
  return new NotAnsweredYet(
    trouble === ''
      ? `A worker is at it, and was not done within ${within}.`
      : `A worker tries to answer, and did not succeed within ${within}: ${trouble}`,
  );
}

function applicationFailure(error: unknown): ApplicationFailure | null {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ApplicationFailure) return cause;
  }
  return null;
}
