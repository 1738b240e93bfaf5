import { randomUUID } from 'node:crypto';
import { growingWait } from '../delivery/growing-wait.ts';
import { pause } from '../delivery/pause.ts';
import { fruitlessAttempts } from '../delivery/progress.ts';
import { Fault } from '../indicators/fault.ts';
import {
  claimQuestion,
  keepTooLarge,
  type Question,
  READ_LEASE_MS,
  releaseQuestion,
  renewQuestion,
  type Standing,
} from '../ledger/kept-answers.ts';
import { type Peer, whoWants } from '../ledger/who-wants.ts';
import type { Parts, Pipeline } from './parts.ts';
import { beginning } from './readable-time.ts';

/** So often, at first, one looks whether another one has its answer, and less and less often. */
const LOOK_MS = 100;
/** A step that waits for longer is given back to the engine, and comes again after this. */
const LONGEST_WAIT_MS = 30_000;
const COME_AGAIN_MS = 2_000;

/** What the asker does with a question. */
export interface Asking<T> {
  /** Asks the source. */
  readonly ask: () => Promise<T>;
  /** Keeps the answer for these pipelines; returns false when there is nothing to keep. */
  readonly keep: (answer: T, by: string, wantedBy: readonly string[]) => Promise<boolean>;
  /** Uses what another one was answered; null when it is of no use. */
  readonly use: (found: Exclude<Standing, string>) => Promise<T | null>;
}

/**
 * Asks a source what several pipelines ask it, once: by whichever comes first. The others wait for its answer while it is heard of; when it
 * fails, or dies, the next one asks, and meets by itself whatever there is to meet.
 */
export async function askOnce<T>(
  parts: Parts,
  pipeline: Pipeline,
  { windowId, question }: { readonly windowId: number; readonly question: Question },
  { ask, keep, use }: Asking<T>,
): Promise<T> {
  const { ledger } = parts;
  const by = randomUUID();
  const standing = await turnOf(parts, question, by);
  if (standing === 'too large') {
    throw new Fault(
      'TooLarge',
      'Another pipeline that reads the same has found the slice to be too large for one query.',
    );
  }
  if (standing !== 'mine') return (await use(standing)) ?? (await ask());

  const renewing = setInterval(
    () => void renewQuestion(ledger, question, by).catch(() => undefined),
    READ_LEASE_MS / 3,
  );
  let isKept = false;
  try {
    const answer = await ask();
    const wantedBy = await whoWants(ledger, windowId, peersOf(parts, pipeline));
    isKept = wantedBy.length > 0 && (await keep(answer, by, wantedBy));
    return answer;
  } catch (error) {
    if (error instanceof Fault && error.kind === 'TooLarge') {
      await keepTooLarge(ledger, question, by);
      isKept = true;
    }
    throw error;
  } finally {
    clearInterval(renewing);
    if (!isKept) await releaseQuestion(ledger, question, by);
  }
}

async function turnOf(parts: Parts, question: Question, by: string): Promise<Exclude<Standing, 'busy'>> {
  const { ledger, isUrgent = () => true, waitInsideMs = LONGEST_WAIT_MS } = parts;
  const until = parts.now().getTime() + Math.min(waitInsideMs, LONGEST_WAIT_MS);
  for (let looks = 1; ; looks += 1) {
    const standing = await claimQuestion(ledger, question, { by, urgent: isUrgent(), now: parts.now() });
    if (standing !== 'busy') return standing;
    const pauseMs = growingWait(LOOK_MS, looks);
    if (parts.now().getTime() + pauseMs > until || !(await pause(parts, pauseMs))) {
      throw new Fault('Throttled', 'Waiting for another pipeline, which is reading the same rows of the source.', {
        retryAfterMs: growingWait(COME_AGAIN_MS, fruitlessAttempts()),
        isOurs: true,
      });
    }
  }
}

function peersOf(parts: Parts, { readsWith }: Pipeline): readonly Peer[] {
  const now = parts.now();
  return readsWith.map((name) => ({ name, since: beginning(parts.pipeline(name), now) }));
}
