import { Fault } from '../indicators/fault.ts';
import type { Reservation } from '../ledger/budget-law.ts';

/** A longer wait than this is left to the engine: the place is freed, and the wait shows in the UI. */
const LONGEST_WAIT_MS = 20_000;
/** During a long pause, so often somebody looks whether it was lifted. */
const LOOK_AGAIN_MS = 5_000;
/** A pause this long is one that a person may want to lift. */
const WORTH_LIFTING_MS = 60_000;
/** So that processes that wait for the same slot do not all come back together. */
const JITTER_MS = 50;

export interface PaceLine {
  /** Resolves when the turn of so many requests has come. */
  turn(requests: number, signal: AbortSignal): Promise<void>;
  /** Whoever has a slot that has not come yet goes back into the line. */
  recall(): void;
}

interface Waiter {
  readonly requests: number;
  readonly deadline: number;
  readonly settle: (reason?: Error) => void;
}

interface Clock {
  readonly now: () => Date;
  readonly sleep: (ms: number) => Promise<void>;
  readonly random: () => number;
}

/** Those of one process and urgency, first come, first served, by one reservation for as many as have their slots near. */
export function paceLine(
  api: string,
  { now, sleep, random }: Clock,
  reserve: (sizes: readonly number[]) => Promise<Reservation>,
): PaceLine {
  let waiting: Waiter[] = [];
  /** Their slots are near: they wait for them only. */
  const holding = new Map<Waiter, symbol>();
  let isServing = false;

  const drop = (waiter: Waiter): void => {
    waiting = waiting.filter((each) => each !== waiter);
    holding.delete(waiter);
  };

  const hold = async (waiter: Waiter, waitMs: number): Promise<void> => {
    if (waitMs > 0) {
      const slot = Symbol('slot');
      holding.set(waiter, slot);
      await sleep(waitMs);
      if (holding.get(waiter) !== slot) return;
      holding.delete(waiter);
    }
    waiter.settle();
  };

  const recall = (): void => {
    waiting = [...holding.keys(), ...waiting];
    holding.clear();
    void serve();
  };

  const serveOnce = async (): Promise<void> => {
    const asked = waiting;
    const { waits, askMs, leastMs, stop } = await reserve(asked.map(({ requests }) => requests));
    if (stop !== null) recall();
    for (const [at, waitMs] of waits.entries()) {
      const waiter = asked[at];
      // One that was cancelled meanwhile is not there any more.
      if (waiter === undefined || !waiting.includes(waiter)) continue;
      drop(waiter);
      void hold(waiter, waitMs);
    }
    const tooLate = now().getTime() + leastMs;
    for (const waiter of waiting.filter(({ deadline }) => deadline < tooLate)) {
      drop(waiter);
      waiter.settle(stop === 'pause' ? paused(api, leastMs, now()) : spent(api, leastMs));
    }
    if (askMs === 0) return;
    await sleep(Math.min(askMs, LOOK_AGAIN_MS) + random() * JITTER_MS);
  };

  const serve = async (): Promise<void> => {
    if (isServing) return;
    isServing = true;
    try {
      // Those who come together are served together.
      await Promise.resolve();
      while (waiting.length > 0) await serveOnce();
    } catch (error) {
      const reason = error instanceof Error ? error : new Error(String(error));
      for (const waiter of waiting.splice(0)) waiter.settle(reason);
    } finally {
      isServing = false;
    }
  };

  return {
    turn: (requests, signal) =>
      new Promise((resolve, reject) => {
        const abort = (): void => {
          drop(waiter);
          reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
        };
        const waiter: Waiter = {
          requests,
          deadline: now().getTime() + LONGEST_WAIT_MS,
          settle(reason) {
            signal.removeEventListener('abort', abort);
            if (reason === undefined) resolve();
            else reject(reason);
          },
        };
        signal.addEventListener('abort', abort, { once: true });
        waiting.push(waiter);
        void serve();
      }),
    recall,
  };
}

function spent(api: string, waitMs: number): Fault {
  return new Fault('Throttled', `The request budget of ${api} is spent for now.`, { retryAfterMs: Math.ceil(waitMs) });
}

function paused(api: string, waitMs: number, now: Date): Fault {
  if (waitMs < WORTH_LIFTING_MS) return spent(api, waitMs);
  const until = new Date(now.getTime() + waitMs).toISOString().slice(0, 19);
  return new Fault(
    'Throttled',
    `${api} asked to be left alone until ${until}Z. The update \`resume\` of any run of the pipeline has it tried again at once.`,
    { retryAfterMs: Math.ceil(waitMs) },
  );
}
