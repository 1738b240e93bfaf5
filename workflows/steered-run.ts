import { condition, log, patched, setCurrentDetails, setHandler, upsertSearchAttributes } from '@temporalio/workflow';
import { blocks, failedWith } from './failures.ts';
import {
  type Progress,
  pauseUpdate,
  progressQuery,
  type RunState,
  resumeUpdate,
  type Steering,
  setConcurrencyUpdate,
} from './handles.ts';
import { progressDetails } from './progress-details.ts';
import { liftPauses } from './proxies.ts';
import { MdtiState } from './search-attributes.ts';

/** What a run says of itself to those who watch and steer it. */
export interface SteerableRun {
  readonly pipeline: string;
  readonly steering: Steering;
  /** What it shows in lists already. A run that shows nothing shows nothing either while it has nothing to do. */
  readonly shown: RunState | null;
  readonly progress: () => Omit<Progress, 'state' | 'blocked'>;
  readonly isDone: () => boolean;
  readonly isBusy: () => boolean;
  /** How its children hear of a wish. */
  readonly passOn: (wish: Steering) => Promise<void>;
}

export interface SteeredRun {
  /** The newest wish. */
  readonly steering: () => Steering;
  /** How often somebody has said `resume`. */
  readonly resumed: () => number;
  readonly isBlocked: () => boolean;
  /** What it shows in lists now. */
  readonly shown: () => RunState | null;
  /** Brings what it shows up to date. */
  readonly show: () => void;
  /** Tries until nobody refuses: between tries the run is blocked, and a person can help. `who` waits no longer than it says itself. */
  readonly untilAllowed: <T>(who: string, attempt: () => Promise<T>) => Promise<T>;
}

/** A blocked run looks by itself whether it may go on. */
const PROBE_EVERY = '1h';

/** Lets a run be asked and steered. */
export function steerRun({ pipeline, progress, isDone, isBusy, passOn, ...begun }: SteerableRun): SteeredRun {
  let { steering, shown } = begun;
  let resumed = 0;
  /** Why each that waits for a person does. */
  const blockedBy = new Map<string, string>();

  const state = (): RunState => {
    if (isDone()) return 'done';
    if (blockedBy.size > 0) return 'blocked';
    return steering.paused ? 'paused' : 'running';
  };
  const whole = (): Progress => ({ ...progress(), state: state(), blocked: reasonsOf(blockedBy.values()) });
  const show = (): void => {
    const now = state();
    // Each upsert is an event of the history, and an action, so only a change is one.
    if (now !== shown && !isDone() && (now !== 'running' || isBusy() || shown !== null)) {
      upsertSearchAttributes([{ key: MdtiState, value: now }]);
      shown = now;
    }
    setCurrentDetails(progressDetails(pipeline, whole()));
  };
  const steer = async (wish: Steering): Promise<void> => {
    steering = wish;
    show();
    await passOn(wish);
  };
  /** What is tried again is not to be held back by what an API asked for before somebody mended it. */
  const lift = async (): Promise<void> => {
    try {
      await liftPauses.executeWithOptions({ summary: 'let APIs that asked to wait be tried again' }, [{ pipeline }]);
    } catch (error) {
      log.warn('the pauses that APIs asked for could not be lifted', { reason: failedWith(error).message });
    }
  };

  setHandler(progressQuery, whole);
  setHandler(pauseUpdate, async () => {
    await steer({ ...steering, paused: true });
    return state();
  });
  setHandler(resumeUpdate, async () => {
    if (patched('resume lifts pauses')) await lift();
    resumed += 1;
    await steer({ ...steering, paused: false });
    return state();
  });
  setHandler(
    setConcurrencyUpdate,
    async (lanes) => {
      await steer({ ...steering, lanes });
      return lanes;
    },
    { validator: assertLanes },
  );

  return {
    steering: () => steering,
    resumed: () => resumed,
    isBlocked: () => blockedBy.size > 0,
    shown: () => shown,
    show,
    async untilAllowed(who, attempt) {
      for (;;) {
        try {
          return await attempt();
        } catch (error) {
          const reason = failedWith(error);
          if (!blocks(reason)) throw error;
          const before = resumed;
          blockedBy.set(who, reason.message);
          show();
          await condition(() => resumed > before, PROBE_EVERY);
          if (steering.paused && patched('a pause holds the probe')) await condition(() => !steering.paused);
          blockedBy.delete(who);
          show();
        }
      }
    },
  };
}

/** Each once, however many have it. */
function reasonsOf(reasons: Iterable<string>): string | null {
  const different = [...new Set(reasons)];
  return different.length === 0 ? null : different.join(' ');
}

function assertLanes(lanes: number): void {
  if (!Number.isInteger(lanes) || lanes < 1 || lanes > 100) {
    throw new Error(`The concurrency is a whole number from 1 to 100, not ${lanes}.`);
  }
}
