import { Servers } from './servers.ts';
import type { Story } from './story.ts';
import { type Outcome, type Telling, tellStory } from './tell-story.ts';

export interface Program extends Omit<Telling, 'servers'> {
  readonly stories: readonly Story[];
  /** How many are told; they begin anew, with the next seed, after the last one. */
  readonly count: number;
  /** None is begun later than so long after the first. */
  readonly longestMs: number;
  /** Told at the same time. */
  readonly atOnce: number;
  /** Each, when it has been judged. */
  readonly onOutcome: (outcome: Outcome) => void;
}

/** Tells stories until so many were told, or the time is over. */
export async function tellStories(program: Program): Promise<readonly Outcome[]> {
  const { stories, count, longestMs, atOnce, onOutcome, seed, scope } = program;
  const begun = performance.now();
  const servers = new Servers(scope);
  const outcomes: Outcome[] = [];
  let told = 0;
  const lane = async (): Promise<void> => {
    for (;;) {
      const turn = told;
      const story = stories[turn % stories.length];
      if (story === undefined || turn >= count || performance.now() - begun > longestMs) return;
      told += 1;
      const pass = Math.floor(turn / stories.length);
      const outcome = await tellStory(story, { ...program, servers, seed: seed + pass });
      outcomes.push(outcome);
      onOutcome(outcome);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return outcomes;
}
