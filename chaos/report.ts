import { n, table } from '../bench/markdown.ts';
import { ALL_STORIES } from './stories.ts';
import { Tally } from './tally.ts';
import type { Outcome } from './tell-story.ts';

/** What was injected and what came of it, as Markdown. */
export function reportOf(all: readonly Outcome[], seconds: number): string {
  const outcomes = all.filter(({ skipped }) => skipped === null);
  const injected = injectedIn(outcomes);
  const failed = outcomes.filter(({ violations }) => violations.length > 0);
  const names = ALL_STORIES.map(({ name }) => name).filter((name) => outcomes.some((one) => one.name === name));
  return [
    table(
      ['injected', 'times'],
      [...Object.entries(injected.toJSON()).map(([kind, times]) => [kind, n(times)]), ['all', n(injected.total)]],
    ),
    table(
      ['story', 'told', 'passed', 'failed', 'recovered in (s, median)', 'longest'],
      names.map((name) =>
        storyRow(
          name,
          outcomes.filter((one) => one.name === name),
        ),
      ),
    ),
    `${n(outcomes.length)} stories in ${n(seconds / 60, 1)} minutes, ${n(injected.total)} injections, ${failed.length === 0 ? 'no violation' : `${n(failed.length)} stories with violations`}.`,
    ...all.flatMap(({ name, skipped }) => (skipped === null ? [] : [`${name} was left out: ${skipped}`])),
    ...failed.map(violationOf),
  ].join('\n\n');
}

export function injectedIn(outcomes: readonly Outcome[]): Tally {
  const all = new Tally();
  for (const { injected } of outcomes) all.addAll(injected);
  return all;
}

/** What was wrong, and how to see it again. What is random comes from the seed; the timing of processes does not. */
export function violationOf({ name, seed, violations, kept }: Outcome): string {
  return [
    `${name}, seed ${seed}: npm run chaos -- --seed ${seed} --only ${name}`,
    ...violations.map((violation) => `  - ${violation}`),
    ...(kept === null ? [] : [`  kept in ${kept}`]),
  ].join('\n');
}

function storyRow(name: string, outcomes: readonly Outcome[]): readonly string[] {
  const failed = outcomes.filter(({ violations }) => violations.length > 0).length;
  const recoveries = outcomes.flatMap(({ recoverySeconds }) => recoverySeconds ?? []).toSorted((a, b) => a - b);
  const median = recoveries[Math.floor(recoveries.length / 2)];
  const longest = recoveries.at(-1);
  return [
    name,
    n(outcomes.length),
    n(outcomes.length - failed),
    n(failed),
    median === undefined ? '' : n(median, 1),
    longest === undefined ? '' : n(longest, 1),
  ];
}
