import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Scope } from '../../bench/scope.ts';
import { injectedIn, violationOf } from '../../chaos/report.ts';
import { STORIES } from '../../chaos/stories.ts';
import { tellStories } from '../../chaos/tell-stories.ts';

/** `npm run chaos -- --short --seed 9` tells the same. */
const SEED = 9;
/** Else it is the chaos that has nothing to say, and not the product that bears it. */
const INJECTIONS = 60;

test('whatever goes wrong in the stories of the short part, nothing is lost, stuck or sent twice', async () => {
  const scope = new Scope();
  onTestFinished(() => scope.close());
  const stories = STORIES.filter(({ short }) => short === true);
  const outcomes = await tellStories({
    stories,
    seed: SEED,
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
  expect(injectedIn(outcomes).total).toBeGreaterThan(INJECTIONS);
});
