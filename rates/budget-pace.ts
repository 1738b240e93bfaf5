import type { Reservation, SlotRequest, Throttle } from '../ledger/budget-law.ts';
import type { Pace } from './pace.ts';
import { paceLine } from './pace-line.ts';

/** How far ahead slots are taken. Live runs reach further, so that a backfill takes none before theirs. */
const URGENT_MS = 600;
const PATIENT_MS = 250;

/** The budget of one API, wherever it is kept. */
export interface Budget {
  readonly api: string;
  take(request: SlotRequest): Promise<Reservation>;
  slow(said: Throttle): Promise<void>;
}

export interface PaceDeps {
  readonly now: () => Date;
  readonly sleep: (ms: number) => Promise<void>;
  readonly isUrgent: () => boolean;
  readonly random: () => number;
}

/**
 * A pace by a budget that is shared with others. What was answered is counted here, and told when the budget is asked the next time:
 * so it is asked a few times a second, whatever the pace.
 */
export function budgetPace(budget: Budget, deps: PaceDeps): Pace {
  let untold = 0;
  const telling = async <T>(tell: (answered: number) => Promise<T>): Promise<T> => {
    const answered = untold;
    untold = 0;
    try {
      return await tell(answered);
    } catch (error) {
      untold += answered;
      throw error;
    }
  };
  const lineOf = (withinMs: number) =>
    paceLine(budget.api, deps, (sizes) => telling((answered) => budget.take({ sizes, withinMs, answered })));
  const urgent = lineOf(URGENT_MS);
  const patient = lineOf(PATIENT_MS);

  return {
    async before(signal, requests = 1) {
      signal.throwIfAborted();
      await (deps.isUrgent() ? urgent : patient).turn(requests, signal);
    },
    answered(requests = 1) {
      untold += requests;
    },
    async throttled(retryAfterMs) {
      const jitter = deps.random();
      await telling((answered) => budget.slow({ retryAfterMs, answered, jitter }));
      urgent.recall();
      patient.recall();
    },
  };
}
