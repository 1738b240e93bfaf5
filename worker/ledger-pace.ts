import { setTimeout as sleep } from 'node:timers/promises';
import type { Pace } from '../http/pace.ts';
import { Fault } from '../indicators/fault.ts';
import type { LedgerDb } from '../ledger/open-ledger.ts';
import { type BudgetLimits, slowBudget, takeSlots } from '../ledger/rate-budget.ts';

/** A longer wait than this is left to the engine: the slot is freed, and the wait shows in the UI. */
const LONGEST_WAIT_MS = 20_000;
/** How far ahead slots are taken. Live runs reach further, so that a backfill takes none before theirs. */
const URGENT_MS = 1_000;
const PATIENT_MS = 250;

interface Waiter {
  readonly slots: number;
  readonly deadline: number;
  /** Called with how long its turn is away, or with why there is none. */
  readonly settle: (waitMs: number | Error) => void;
}

/**
 * One API's pace, shared by all workers through the ledger. Those who wait in one process are served together, by one statement
 * for as many slots as are near; so the ledger is asked a few times a second, whatever the pace.
 */
export function ledgerPace(
  ledger: LedgerDb,
  api: string,
  limits: BudgetLimits,
  { now, isUrgent }: { readonly now: () => Date; readonly isUrgent: () => boolean },
): Pace {
  const urgent = line(ledger, api, limits, URGENT_MS, now);
  const patient = line(ledger, api, limits, PATIENT_MS, now);
  return {
    async before(signal, requests = 1) {
      signal.throwIfAborted();
      const waitMs = await (isUrgent() ? urgent : patient)(requests, signal);
      if (waitMs > 0) await sleep(waitMs, undefined, { signal });
    },
    throttled: (retryAfterMs) => slowBudget(ledger, api, retryAfterMs, Math.random()),
  };
}

/** Those of one urgency, first come, first served. */
function line(ledger: LedgerDb, api: string, limits: BudgetLimits, withinMs: number, now: () => Date) {
  const waiting: Waiter[] = [];
  let isServing = false;

  /** The first, and as many after it as have their slots near. */
  const nextGroup = (): readonly Waiter[] => {
    const most = (limits.perSecond * withinMs) / 1_000;
    let slots = 0;
    const end = waiting.findIndex((waiter, at) => {
      slots += waiter.slots;
      return at > 0 && slots > most;
    });
    return waiting.slice(0, end === -1 ? waiting.length : end);
  };

  const leave = (leaving: (waiter: Waiter) => boolean, result: number | Error): void => {
    for (const waiter of waiting.filter(leaving)) {
      waiting.splice(waiting.indexOf(waiter), 1);
      waiter.settle(result);
    }
  };

  const serveOnce = async (): Promise<void> => {
    const group = nextGroup();
    const slots = group.reduce((sum, waiter) => sum + waiter.slots, 0);
    const reservation = await takeSlots(ledger, api, limits, { slots, withinMs });
    if (reservation.kind === 'taken') {
      let waitMs = reservation.waitMs;
      for (const waiter of group) {
        leave((each) => each === waiter, waitMs);
        waitMs += waiter.slots * reservation.intervalMs;
      }
      return;
    }
    const { retryMs } = reservation;
    const retryAt = now().getTime() + retryMs;
    leave(({ deadline }) => deadline < retryAt, spent(api, retryMs));
    // Some jitter, so that processes that wait for the same slot do not all come back together.
    if (waiting.length > 0) await sleep(retryMs * (1 + Math.random() / 10));
  };

  const serve = async (): Promise<void> => {
    if (isServing) return;
    isServing = true;
    try {
      while (waiting.length > 0) await serveOnce();
    } catch (error) {
      leave(() => true, error instanceof Error ? error : new Error(String(error)));
    } finally {
      isServing = false;
    }
  };

  return (slots: number, signal: AbortSignal): Promise<number> =>
    new Promise((resolve, reject) => {
      const waiter: Waiter = {
        slots,
        deadline: now().getTime() + LONGEST_WAIT_MS,
        settle(result) {
          signal.removeEventListener('abort', abort);
          if (typeof result === 'number') resolve(result);
          else reject(result);
        },
      };
      const abort = (): void => {
        const at = waiting.indexOf(waiter);
        if (at !== -1) waiting.splice(at, 1);
        reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
      };
      signal.addEventListener('abort', abort, { once: true });
      waiting.push(waiter);
      void serve();
    });
}

function spent(api: string, waitMs: number): Fault {
  return new Fault('Throttled', `The request budget of ${api} is spent for now.`, { retryAfterMs: Math.ceil(waitMs) });
}
