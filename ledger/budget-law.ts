/** How fast an API may be asked: what is set, and what its answers teach. All times in milliseconds. */
export interface BudgetLimits {
  /** Requests a second, over time. */
  readonly perSecond: number;
  /** Requests that may go at once after a pause. */
  readonly burst: number;
  /** An API that asks to wait longer is tried again after this. Default: no limit */
  readonly longestPauseMs?: number;
}

export interface BudgetState {
  /** The next free slot, and the interval between slots by which it was reckoned. */
  readonly nextAt: number;
  readonly intervalMs: number;
  /** The API said 429: nobody asks before. */
  readonly blockedUntil: number | null;
  /** 429s since the last answer. Above 0 requests go one at a time, and the pace stands. */
  readonly strikes: number;
  /** When the last of those single requests left; null when none has since the last 429. */
  readonly probedAt: number | null;
  /** How many times the configured interval it was at `slowedAt`; it has come down since. */
  readonly slowdown: number;
  /** When it was found; null when that was too long ago to tell anything. */
  readonly slowedAt: number | null;
  /** The API refused everything for a while, so the pace begins low after it. */
  readonly ramping: boolean;
  /** Requests answered since `slowedAt`. */
  readonly answered: number;
}

export interface SlotRequest {
  /** Requests of each who waits, first come first served; they go together. */
  readonly sizes: readonly number[];
  /** Take slots only when they begin within so many milliseconds. */
  readonly withinMs: number;
  /** Requests that were answered, and not with 429, since this was told last. */
  readonly answered: number;
}

export interface Reservation {
  /** For the first of those who wait, in how long each one's slots begin (negative: they have been free for so long). */
  readonly waits: readonly number[];
  /** When it is worth asking again: sooner there is no slot that is near. */
  readonly askMs: number;
  /** For those who got none, how long it takes at least, should the API answer everything from now on. */
  readonly leastMs: number;
  /** After a 429 what was taken before is void: nobody asks the API now, or one request alone tries it. */
  readonly stop: 'pause' | 'trial' | null;
}

export interface Throttle {
  readonly retryAfterMs: number | undefined;
  readonly answered: number;
  /** 0 to 1: spreads the pauses that we choose ourselves. */
  readonly jitter: number;
}

/** Nobody books further ahead than this, and nobody more slots at once than a call has requests. */
const LONGEST_HORIZON_MS = 1_000;
const MOST_SLOTS = 100;
/** How soon those who got no slot ask again. */
const ASK_SOONEST_MS = 200;
const ASK_LATEST_MS = 1_000;
/** A single request that is not answered for so long does not keep the next one from being tried. */
const PROBE_MS = 2_000;
/** Pauses when the API does not say how long, or says no time at all: doubling, and spread by half. */
const SHORTEST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 10_000;
/** Below half a second a `Retry-After` would let go again what is under way now. */
const SHORTEST_SAID_MS = 500;
/** What a 429 leaves of the pace, at most and at least. */
const STEP = 0.97;
const LARGEST_STEP = 0.5;
/** Below an eighth of what is set it comes down by small steps only: that takes more 429s than come by mischance. */
const DOUBTFUL = 8;
const SLOWEST = 1_000;
/** After a storm the pace begins at an eighth, and doubles each second: which costs as much as waiting so long. */
const RAMP = 8;
const RAMP_COSTS_MS = 1_740;
/** So many requests should be answered for each time that the pace is tried out: one 429 among them is half a percent. */
const REQUESTS_A_TRIAL = 250;
const SHORTEST_TRIAL_MS = 30_000;
const LONGEST_TRIAL_MS = 90_000;

export function newBudget({ perSecond, burst }: BudgetLimits, now: number): BudgetState {
  const intervalMs = 1_000 / perSecond;
  return {
    nextAt: now - (burst - 1) * intervalMs,
    intervalMs,
    blockedUntil: null,
    strikes: 0,
    probedAt: null,
    slowdown: 1,
    slowedAt: null,
    ramping: false,
    answered: 0,
  };
}

/** Takes the next free slots (GCRA). Those who ask after a pause find as many as the burst free at once. */
export function reserve(
  before: BudgetState,
  limits: BudgetLimits,
  request: SlotRequest,
  now: number,
): { readonly state: BudgetState; readonly reservation: Reservation } {
  const state = heard(notAhead(before, limits, now), limits, request.answered, now);
  const fastestMs = 1_000 / limits.perSecond;
  const intervalMs = fastestMs * slowdownAt(state, limits, now);
  // What was booked at another pace costs what it costs at this one; what nobody can have booked was, by a clock that was ahead.
  const mostBooked = Math.max(LONGEST_HORIZON_MS, request.withinMs) + MOST_SLOTS * intervalMs;
  const ahead = Math.max(0, state.nextAt - now) * (intervalMs / state.intervalMs);
  const booked = ahead > mostBooked ? 0 : ahead;
  const free = now + (ahead > 0 ? booked : Math.max(state.nextAt - now, -(limits.burst - 1) * fastestMs));
  const blockedUntil = state.blockedUntil ?? free;
  const isStopped = state.strikes > 0;
  const begin = Math.max(free, blockedUntil, isStopped ? (state.probedAt ?? free - PROBE_MS) + PROBE_MS : free);
  const most = isStopped ? 1 : request.sizes.length;
  const horizon = now + (isStopped ? 0 : request.withinMs);
  const waits: number[] = [];
  let next = begin;
  for (const size of request.sizes.slice(0, most)) {
    if (next > horizon) break;
    waits.push(next - now);
    next += size * intervalMs;
  }
  const leastMs = Math.max(1, blockedUntil - now, (next - now) * (fastestMs / intervalMs));
  const stop = !isStopped ? null : blockedUntil > now ? 'pause' : 'trial';
  const reservation = { waits, askMs: askMs(next - now, waits.length, stop, request), leastMs, stop } as const;
  if (waits.length === 0) return { state, reservation };
  return { state: { ...state, nextAt: next, intervalMs, ...(isStopped ? { probedAt: now } : {}) }, reservation };
}

/** A pause is waited out; else those who got no slot look again soon, for the pace may have changed. */
function askMs(nextMs: number, taken: number, stop: Reservation['stop'], { sizes, withinMs }: SlotRequest): number {
  if (stop === 'pause') return nextMs;
  if (stop === 'trial') return ASK_SOONEST_MS;
  // Who comes now has a slot after all others: there is time until half of them are gone.
  if (taken === sizes.length) return Math.max(0, Math.min(nextMs, withinMs) / 2);
  return Math.min(ASK_LATEST_MS, Math.max(ASK_SOONEST_MS, nextMs - withinMs));
}

/**
 * The API answered 429: everybody stops for as long as it asks, or with growing pauses when it does not say. From then on it is
 * tried by one request at a time until one is answered. What this says of the pace is decided then.
 */
export function throttle(
  before: BudgetState,
  limits: BudgetLimits,
  { retryAfterMs: askedMs = 0, answered, jitter }: Throttle,
  now: number,
): BudgetState {
  const retryAfterMs = Math.min(askedMs, limits.longestPauseMs ?? askedMs);
  const state = heard(notAhead(before, limits, now), limits, answered, now);
  const isSaid = retryAfterMs >= SHORTEST_SAID_MS;
  const until = (pauseMs: number): number => Math.max(state.blockedUntil ?? 0, now + pauseMs);
  // Of requests that were under way together.
  if (state.strikes > 0 && state.probedAt === null) {
    return isSaid ? { ...state, blockedUntil: until(retryAfterMs) } : state;
  }
  const strikes = state.strikes + 1;
  const ownMs = Math.min(LONGEST_PAUSE_MS, SHORTEST_PAUSE_MS * 2 ** Math.min(strikes - 1, 20)) * (0.5 + jitter);
  const stopped = { ...state, strikes, probedAt: null, blockedUntil: until(isSaid ? retryAfterMs : ownMs) };
  if (strikes > 1) return stopped;
  const isSoon = state.slowedAt !== null && now - state.slowedAt < trialMs(state, limits);
  return { ...stopped, slowdown: restingSlowdown(state, limits, now), slowedAt: isSoon ? state.slowedAt : null };
}

/** Of an embedded ledger the clock is the machine's: what it wrote down while it was ahead happened now at the latest. */
function notAhead(
  state: BudgetState,
  { longestPauseMs = Number.POSITIVE_INFINITY }: BudgetLimits,
  now: number,
): BudgetState {
  const past = (at: number | null): number | null => (at === null ? null : Math.min(at, now));
  // Nor has anybody been told to wait for longer than the longest pause.
  const isAhead = (state.blockedUntil ?? now) > now + Math.max(longestPauseMs, 2 * LONGEST_PAUSE_MS);
  const blockedUntil = isAhead ? null : state.blockedUntil;
  return { ...state, blockedUntil, probedAt: past(state.probedAt), slowedAt: past(state.slowedAt) };
}

/** Requests were answered. After 429s the first one says what they were. */
function heard(state: BudgetState, limits: BudgetLimits, requests: number, now: number): BudgetState {
  if (requests === 0) return state;
  const answered = state.answered + requests;
  if (state.probedAt === null) return { ...state, answered };
  return {
    ...state,
    strikes: 0,
    probedAt: null,
    slowdown: slowdownAfter({ ...state, answered }, limits, now),
    slowedAt: now,
    ramping: state.strikes > 1,
    answered: 0,
  };
}

/**
 * What the 429s say of the pace at which they came. A storm in which nothing was answered says next to nothing, however long it
 * was; nor does a single 429 after quiet times. When answers and 429s alternate, it is the limit: then what was answered since the
 * last time, the pauses included, is what the API allows.
 */
function slowdownAfter(state: BudgetState, { perSecond }: BudgetLimits, now: number): number {
  const { slowdown, slowedAt, strikes, ramping, answered } = state;
  const isStorm = strikes > 1;
  const slower = Math.min(SLOWEST, slowdown / STEP);
  if (slowedAt === null || (isStorm && !ramping)) return slower;
  const tookMs = now - slowedAt;
  const allowed = (answered * 1_000) / (ramping ? Math.max(tookMs / 2, tookMs - RAMP_COSTS_MS) : tookMs);
  const measured = Math.min(slowdown / LARGEST_STEP, perSecond / allowed);
  return Math.max(isStorm ? slowdown : slower, Math.min(DOUBTFUL, measured));
}

/** How many times the configured interval the interval is now. */
function slowdownAt(state: BudgetState, limits: BudgetLimits, now: number): number {
  const resting = restingSlowdown(state, limits, now);
  if (!state.ramping || state.slowedAt === null || state.strikes > 0) return resting;
  return resting * Math.max(1, RAMP / 2 ** ((now - state.slowedAt) / 1_000));
}

/** The same without the gentle beginning: it stays for the better part of a trial, and has doubled at its end. */
function restingSlowdown(state: BudgetState, limits: BudgetLimits, now: number): number {
  if (state.strikes > 0 || state.slowedAt === null) return state.slowdown;
  const trials = (now - state.slowedAt) / trialMs(state, limits);
  return Math.max(1, state.slowdown / 2 ** Math.min(trials ** 4, 20));
}

/** A storm is forgotten soon. */
function trialMs({ slowdown, ramping }: BudgetState, { perSecond }: BudgetLimits): number {
  if (ramping) return SHORTEST_TRIAL_MS;
  const ms = (REQUESTS_A_TRIAL * 1_000) / (perSecond / slowdown);
  return Math.min(LONGEST_TRIAL_MS, Math.max(SHORTEST_TRIAL_MS, ms));
}
