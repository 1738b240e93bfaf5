import type { Pace } from '../../rates/pace.ts';

export interface RecordedPace extends Pace {
  readonly asked: number[];
  readonly answers: number[];
  readonly throttles: (number | undefined)[];
}

/** A pace that never waits, and remembers what it was told. */
export function recordedPace(): RecordedPace {
  const asked: number[] = [];
  const answers: number[] = [];
  const throttles: (number | undefined)[] = [];
  return {
    asked,
    answers,
    throttles,
    async before(_, requests = 1) {
      asked.push(requests);
    },
    answered(requests = 1) {
      answers.push(requests);
    },
    async throttled(retryAfterMs) {
      throttles.push(retryAfterMs);
    },
  };
}
