import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { Scope } from '../../bench/scope.ts';
import { injectedIn, violationOf } from '../../chaos/report.ts';
import type { Story } from '../../chaos/story.ts';
import { tellStories } from '../../chaos/tell-stories.ts';

/** Tells those of the short part, and expects that nothing is wrong in the end, and that it was chaos: so many injections at least. */
export async function tellShortPart(all: readonly Story[], seed: number, injections: number): Promise<void> {
  const scope = new Scope();
  onTestFinished(() => scope.close());
  const stories = all.filter(({ short }) => short === true);
  const outcomes = await tellStories({
    stories,
    seed,
    count: stories.length,
    longestMs: Number.POSITIVE_INFINITY,
    atOnce: 3,
    patienceMs: 240_000,
    without: new Set(),
    scope,
    keepIn: join(process.cwd(), 'chaos-logs'),
    onOutcome: () => undefined,
  });
  expect(outcomes.filter(({ violations }) => violations.length > 0).map(violationOf)).toEqual([]);
  expect(outcomes.map(({ name }) => name).toSorted()).toEqual(stories.map(({ name }) => name).toSorted());
  expect(injectedIn(outcomes).total).toBeGreaterThan(injections);
}
