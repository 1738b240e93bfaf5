import { randomInt } from 'node:crypto';
import { resolve } from 'node:path';
import { Argument, Command, Option } from 'commander';
import { endAllOnSignal } from '../bench/interrupt.ts';
import { count, countOrNone, positive } from '../bench/options.ts';
import { Scope } from '../bench/scope.ts';
import { KINDS } from '../destinations/kinds.ts';
import { wireFaultKind } from '../sandbox/wire-faults/wire-fault.ts';
import { reportOf, violationOf } from './report.ts';
import { ALL_STORIES, STORIES } from './stories.ts';
import type { Story } from './story.ts';
import { tellStories } from './tell-stories.ts';
import type { Outcome } from './tell-story.ts';

interface Options {
  readonly seed: number;
  readonly minutes?: number;
  readonly stories?: number;
  readonly only?: readonly string[];
  readonly short?: true;
  readonly without: readonly string[];
  readonly destination?: string;
  readonly atOnce: number;
  readonly patience: number;
  readonly keep: string;
  readonly diary?: true;
  readonly json?: true;
}

const scope = new Scope();
const isInterrupted = endAllOnSignal(scope);

const program = new Command('chaos')
  .description(
    'Tells stories of what goes wrong, to the product and the sandbox as processes of their own, and judges how each ends. What is random comes from the seed; the timing of processes does not.',
  )
  .addArgument(
    new Argument('[what]', 'what the product does in the stories').choices(['deliver', 'enrich']).default('deliver'),
  )
  .option('--seed <number>', 'what is drawn (default: another one each time)', countOrNone, randomInt(1, 1_000_000))
  .option('--minutes <length>', 'begins stories for so long, with the next seed after each pass', positive)
  .option('--stories <count>', 'tells so many (default: each once)', count)
  .addOption(
    new Option('--only <names...>', 'only these, whatever the product does in them')
      .choices(ALL_STORIES.map(({ name }) => name))
      .conflicts('short'),
  )
  .option('--short', 'only those of the short part')
  .addOption(
    new Option('--without <kinds...>', 'leaves these faults of the wire out, to see what else there is')
      .choices(wireFaultKind.options)
      .default([]),
  )
  .addOption(
    new Option('--destination <kind>', 'what all stories deliver to (default: threatstream)').choices(
      KINDS.map(({ type }) => type),
    ),
  )
  .option('--at-once <count>', 'told at the same time', count, 2)
  .option('--patience <seconds>', 'the longest that a recovery may take', count, 240)
  .option('--keep <folder>', 'where logs of violations go', 'chaos-logs')
  .option('--diary', 'print what happened when in each story')
  .option('--json', 'print one JSON object instead of Markdown')
  .action(main);

async function main(what: string, options: Options): Promise<void> {
  const { seed, minutes, json } = options;
  const stories = chosen(what, options);
  const say = (sentence: string): void => void process.stderr.write(`${sentence}\n`);
  say(`Seed ${seed}, ${stories.length} stories.`);
  const begun = performance.now();
  const outcomes = await tellStories({
    stories,
    seed,
    scope,
    count: options.stories ?? (minutes === undefined ? stories.length : Number.MAX_SAFE_INTEGER),
    longestMs: (minutes ?? Number.POSITIVE_INFINITY) * 60_000,
    atOnce: options.atOnce,
    without: new Set(options.without),
    ...(options.destination === undefined ? {} : { kind: options.destination }),
    patienceMs: options.patience * 1_000,
    keepIn: resolve(options.keep),
    onOutcome(outcome) {
      if (options.diary === true) for (const line of outcome.diary) say(line);
      say(lineOf(outcome));
    },
  });
  const seconds = (performance.now() - begun) / 1_000;
  if (json === true) process.stdout.write(`${JSON.stringify({ seed, seconds, outcomes })}\n`);
  else process.stdout.write(`${reportOf(outcomes, seconds)}\n`);
  await scope.close();
  process.exitCode = outcomes.every(({ violations }) => violations.length === 0) ? 0 : 1;
}

function chosen(what: string, { only, short, destination }: Options): readonly Story[] {
  const of = what === 'enrich' ? STORIES.enrich : STORIES.deliver;
  const stories =
    only === undefined
      ? of.filter((story) => short === undefined || story.short === true)
      : ALL_STORIES.filter(({ name }) => only.includes(name));
  if (destination !== undefined && stories.some((story) => STORIES.enrich.includes(story))) {
    program.error('--destination goes with stories that deliver: what others than ThreatStream hold is not enriched.');
  }
  return stories;
}

function lineOf(outcome: Outcome): string {
  const { name, seed, seconds, violations, injected, skipped } = outcome;
  if (skipped !== null) return `${name}: left out, ${skipped}`;
  if (violations.length > 0) return violationOf(outcome);
  const times = Object.values(injected).reduce((sum, each) => sum + each, 0);
  return `${name}, seed ${seed}: as it should be, after ${times} injections and ${seconds.toFixed(0)} s`;
}

try {
  await program.parseAsync();
  process.exit();
} catch (error) {
  if (!isInterrupted()) throw error;
}
