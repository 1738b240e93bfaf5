import { describe, expect, it } from 'vitest';
import { budgetPace } from '../../rates/budget-pace.ts';
import { type Answers, answersOf, type Story, virtualBudget } from './virtual-api.ts';
import { virtualClock } from './virtual-clock.ts';

/** Three workers that always have work, at up to fifty requests a second. */
const STORY: Story = { limits: { perSecond: 50, burst: 20 }, workers: 3, retryAfterMs: 1_000 };
/** In seconds. */
const BACK_WITHIN = 30;

function sum(counts: readonly number[], from: number, to: number): number {
  return Array.from({ length: to - from }, (_, at) => counts[from + at] ?? 0).reduce((all, each) => all + each, 0);
}

/** Requests that were answered in a second, from one second to another. */
function rate({ good }: Answers, from: number, to: number): number {
  return sum(good, from, to) / (to - from);
}

function shareRefused({ good, refused }: Answers, from: number, to: number): number {
  return sum(refused, from, to) / (sum(refused, from, to) + sum(good, from, to));
}

/** The two promises about the time after a throttle ends. */
function expectBack(answers: Answers, end: number, allowed: number): void {
  expect(rate(answers, end + BACK_WITHIN, end + BACK_WITHIN + 30)).toBeGreaterThanOrEqual(0.95 * allowed);
  expect(shareRefused(answers, end, end + BACK_WITHIN + 30)).toBeLessThan(0.01);
}

async function expectBackAfterStorm(story: Story, stormSeconds: number): Promise<Answers> {
  const pauseSeconds = Math.max(1, (story.retryAfterMs ?? 0) / 1_000);
  // A pause that the API asks for is waited out, even one that reaches beyond the end of its storm.
  const end = 20 + pauseSeconds * (Math.ceil(stormSeconds / pauseSeconds) + 1);
  const answers = await answersOf({ ...story, storms: [[20, 20 + stormSeconds]] }, end + 60);
  expectBack(answers, end, story.limits.perSecond);
  return answers;
}

describe('after a storm of 429s', () => {
  it.each(
    [undefined, 0, 1_000, 5_000, 60_000].flatMap((retryAfterMs) =>
      [5, 40, 600].map((seconds) => ({ retryAfterMs, seconds })),
    ),
  )('of $seconds s with Retry-After of $retryAfterMs ms the pace is soon back', async ({ retryAfterMs, seconds }) => {
    await expectBackAfterStorm({ ...STORY, retryAfterMs }, seconds);
  });

  it.each([1, 5, 100])('the pace is soon back to %d requests a second', async (perSecond) => {
    await expectBackAfterStorm({ ...STORY, limits: { perSecond, burst: 5 } }, 40);
  });

  it.each([20, 100])('the pace is soon back when twenty requests go together, %d a second', async (perSecond) => {
    await expectBackAfterStorm({ ...STORY, limits: { perSecond, burst: 20 }, batch: 20 }, 40);
  });

  it.each([0, 0.3])('the pace is soon back when of those who wait only so many are urgent: %d', async (urgent) => {
    await expectBackAfterStorm({ ...STORY, urgent }, 40);
  });

  it('the pace is soon back when answers take five seconds', async () => {
    await expectBackAfterStorm({ ...STORY, latencyMs: 5_000, lanes: 400 }, 40);
  });

  it('the API was tried by one request at a time', async () => {
    const { refused } = await expectBackAfterStorm(STORY, 40);
    expect(sum(refused, 22, 60)).toBeLessThanOrEqual(38);
  });

  it('the pace is soon back when each of many storms was short', async () => {
    const storms = Array.from({ length: 20 }, (_, storm) => [20 + storm * 3, 22 + storm * 3] as const);
    const answers = await answersOf({ ...STORY, storms }, 180);
    // Answers and 429s alternated, as they do at a limit: that leaves more doubt.
    expect(rate(answers, 125, 180)).toBeGreaterThanOrEqual(0.95 * 50);
    expect(shareRefused(answers, 80, 180)).toBeLessThan(0.01);
  });
});

describe('where the API allows less than is set', () => {
  it.each([
    { perSecond: 200, allowed: 100, latencyMs: 10 },
    { perSecond: 100, allowed: 50, latencyMs: 300 },
    { perSecond: 5, allowed: 2.5, latencyMs: 50 },
    { perSecond: 100, allowed: 10, latencyMs: 50 },
  ])(
    'the pace finds it: $allowed of $perSecond, answered in $latencyMs ms',
    async ({ perSecond, allowed, latencyMs }) => {
      const limits = { perSecond, burst: 20 };
      const answers = await answersOf({ ...STORY, limits, latencyMs, allowed: () => allowed }, 300);
      expect(rate(answers, 60, 300)).toBeGreaterThanOrEqual(0.95 * allowed);
      expect(shareRefused(answers, 60, 300)).toBeLessThan(0.01);
    },
  );

  it.each([undefined, 0, 1_000])('it finds it from the beginning, with Retry-After of %s ms', async (retryAfterMs) => {
    const limits = { perSecond: 200, burst: 20 };
    const answers = await answersOf({ ...STORY, limits, retryAfterMs, allowed: () => 100 }, 120);
    expect(rate(answers, 5, 120)).toBeGreaterThanOrEqual(95);
    expect(shareRefused(answers, 0, 120)).toBeLessThan(0.0041);
  });

  it('a storm does not make it forget what it found', async () => {
    const story = { ...STORY, limits: { perSecond: 100, burst: 20 }, allowed: () => 50 };
    for (const begin of [100, 105, 110, 115, 120]) {
      const answers = await answersOf({ ...story, storms: [[begin, begin + 40]] }, begin + 120);
      expectBack(answers, begin + 41, 50);
    }
  });

  it('it follows a limit that comes down, and goes up again', async () => {
    const allowed = (second: number): number => (second >= 60 && second < 180 ? 20 : 50);
    const answers = await answersOf({ ...STORY, allowed }, 260);
    expect(rate(answers, 60, 180)).toBeGreaterThanOrEqual(0.95 * 20);
    expect(shareRefused(answers, 60, 180)).toBeLessThan(0.01);
    expectBack(answers, 180, 50);
  });
});

it('asks the budget a few times a second, whatever the pace', async () => {
  for (const perSecond of [5, 100, 400]) {
    const { statements } = await answersOf({ ...STORY, limits: { perSecond, burst: 20 }, lanes: 200 }, 60);
    expect(statements / 60 / 3).toBeLessThan(6);
  }
});

it('uses all of what is set, and not more', async () => {
  const answers = await answersOf({ ...STORY, allowed: () => 50 }, 60);
  expect(rate(answers, 5, 60)).toBeGreaterThanOrEqual(49.5);
  expect(sum(answers.refused, 0, 60)).toBe(0);
});

it('serves live runs before a backfill that came first', async () => {
  const clock = virtualClock();
  let isUrgent = false;
  const pace = budgetPace(virtualBudget({ perSecond: 20, burst: 1 }, clock), {
    now: () => new Date(clock.ms()),
    sleep: clock.sleep,
    random: () => 0.5,
    isUrgent: () => isUrgent,
  });
  const { signal } = new AbortController();
  const done: string[] = [];
  const request = async (name: string): Promise<void> => {
    await pace.before(signal);
    done.push(name);
  };
  for (let each = 0; each < 20; each += 1) void request('backfill');
  isUrgent = true;
  for (let each = 0; each < 5; each += 1) void request('live');
  await clock.runUntil(5_000);
  // A quarter of a second's worth was taken before.
  expect(done.lastIndexOf('live')).toBe(5 + 5);
  expect(done).toHaveLength(25);
});
