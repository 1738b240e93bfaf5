import { AT_REST } from '../at-rest.ts';
import { passTime } from '../troubles/time-troubles.ts';
import type { World } from '../world.ts';
import { enrichSums } from './run-sums.ts';
import { PASS_MINUTES } from './setup.ts';

interface Means {
  /** Runs that are going, after a person has resumed what waits for one. */
  readonly helped: (world: World) => Promise<readonly unknown[]>;
  /** What a run says in the end. */
  readonly resultOf: (world: World, workflowId: string | null) => Promise<unknown>;
}

/**
 * Runs until there is nothing to do; then the time of a pass goes by, which also ends whatever was put off, and once more until there is nothing
 * to do. In that time nothing is in the way of a look-up, so each host is looked up just once.
 */
export function enrichSteps(world: World, { helped, resultOf }: Means): () => Promise<string> {
  let before: number | null = null;
  return async () => {
    if ((await helped(world)).length > 0) return 'runs go on';
    let hosts = 0;
    for (const { name } of world.pipelines) {
      const run = enrichSums.parse(await resultOf(world, await world.startSync(name)));
      const { judged, marked, cleared, commented, rescored, gone } = run;
      hosts = run.hosts;
      if (run.new + run.changed + judged + marked + cleared + commented + rescored + gone > 0) {
        return 'there was something to do';
      }
    }
    const { lookUps } = await world.counts();
    if (before === null) {
      before = lookUps;
      await passTime(world, PASS_MINUTES + 1);
      return 'reputations have run out';
    }
    if (lookUps - before !== hosts) {
      world.found.push(`${lookUps - before} look-ups within a time to live, of ${hosts} hosts`);
    }
    return AT_REST;
  };
}
