/** What an API had answered by then, since it began. */
export interface Sample {
  readonly at: number;
  readonly answered: number;
  readonly throttled: number;
}

/** When everything was answered with 429, by the clock of the samples. */
export interface Storm {
  readonly from: number;
  readonly to: number;
}

export interface Usage {
  readonly name: string;
  readonly seconds: number;
  readonly answered: number;
  /** Of what the limit allows, from the tenth to the ninetieth hundredth of the answers. */
  readonly used: number;
  /** Of all answers of the whole run. */
  readonly throttled: number;
}

export interface Recovery {
  readonly name: string;
  /** Of what the limit allows. */
  readonly before: number;
  /** From the end of the storm until 95 % of what the limit allows; null when that did not come. */
  readonly seconds: number | null;
  /** Of what the limit allows, from half a minute after the storm. */
  readonly after: number;
  readonly inStorm: number;
  /** Of the answers after the storm. */
  readonly throttledAfter: number;
  /** Of all answers but those of the storm. */
  readonly throttled: number;
}

/** The beginning has the burst that the limit allows after a pause, and at the end there is little left to ask. */
export function readUsage(samples: readonly Sample[], perSecond: number): Omit<Usage, 'name'> {
  const last = lastOf(samples);
  const from = samples.find(({ answered }) => answered >= 0.1 * last.answered);
  const to = samples.find(({ answered }) => answered >= 0.9 * last.answered);
  if (from === undefined || to === undefined || to.at <= from.at) throw new Error('Too few look-ups to tell a rate.');
  return {
    seconds: (to.at - from.at) / 1_000,
    answered: last.answered,
    used: used(from, to, perSecond),
    throttled: last.throttled / (last.answered + last.throttled),
  };
}

const BACK = 0.95;
const OVER_MS = 5_000;
const SOON_MS = 30_000;

export function readRecovery(samples: readonly Sample[], storm: Storm, perSecond: number): Omit<Recovery, 'name'> {
  const last = lastOf(samples);
  const at = (ms: number): Sample => samples.find((sample) => sample.at >= ms) ?? last;
  const begin = samples.find(({ answered }) => answered > 0.05 * last.answered) ?? last;
  const nearlyDone = samples.find(({ answered }) => answered >= 0.95 * last.answered) ?? last;
  const end = at(storm.to);
  const stormBegin = at(storm.from);
  const back = samples.find(
    (sample) => sample.at >= storm.to && used(sample, at(sample.at + OVER_MS), perSecond) >= BACK,
  );
  const [good, bad] = [last.answered - end.answered, last.throttled - end.throttled];
  const inStorm = end.throttled - stormBegin.throttled;
  return {
    before: used(begin, stormBegin, perSecond),
    seconds: back === undefined ? null : (back.at - storm.to) / 1_000,
    after: used(at(storm.to + SOON_MS), nearlyDone, perSecond),
    inStorm,
    throttledAfter: bad / (good + bad),
    throttled: (last.throttled - inStorm) / (last.answered + last.throttled - inStorm),
  };
}

function used(from: Sample, to: Sample, perSecond: number): number {
  return (to.answered - from.answered) / ((perSecond * (to.at - from.at)) / 1_000);
}

function lastOf(samples: readonly Sample[]): Sample {
  const last = samples.at(-1);
  if (last === undefined) throw new Error('The run was over before it could be looked at.');
  return last;
}
