import { setTimeout as sleep } from 'node:timers/promises';
import type { Draw } from './draw.ts';
import { helpBlocked } from './recovery.ts';
import type { Trouble } from './trouble.ts';
import { approveIfReached } from './troubles/analyst.ts';
import { begin } from './troubles/worker-troubles.ts';
import type { StoryApi, World } from './world.ts';

export interface Rounds {
  readonly rounds: number;
  /** APIs whose wire is faulty in every round. */
  readonly apis: readonly StoryApi[];
  /** Of which one is made in each round; none for a story of the wire alone. */
  readonly troubles: readonly Trouble[];
  /** Before each round but the first. */
  readonly between?: Trouble;
  /** What happens at the source before each round. */
  readonly happenings?: number;
}

/** A round waits no longer for its runs: the next one meets them. */
const ROUND_MS = 20_000;
const LOOK_EVERY_MS = 2_500;

/** Rows arrive, a run is started, the wire and the troubles do their worst, and more rows arrive meanwhile. */
export async function takeRounds(
  world: World,
  { rounds, apis, troubles, between, happenings = 40 }: Rounds,
): Promise<void> {
  for (let round = 1; round <= rounds; round += 1) {
    const draw = world.draw.fork(`round ${round}`);
    world.say(`round ${round}`);
    if (round > 1) await between?.(world, draw.fork('between'));
    await world.happen(happenings);
    await world.storm(draw.fork('wire'), apis);
    const trouble = troubles[draw.below(Math.max(1, troubles.length))];
    const runs = await Promise.all(world.pipelines.map(({ name }) => world.startSync(name)));
    await Promise.all([trouble?.(world, draw.fork('trouble')), meanwhile(world, draw.fork('meanwhile'))]);
    await Promise.all(runs.map((workflowId) => helpedToItsEnd(world, workflowId)));
  }
}

/** A person looks at it now and then, for as long as a round may take. */
async function helpedToItsEnd(world: World, workflowId: string | null): Promise<void> {
  const until = performance.now() + ROUND_MS;
  while (!(await world.hasEnded(workflowId, LOOK_EVERY_MS)) && performance.now() < until) {
    // One whose ledger has died has ended by itself.
    await begin(world);
    await helpBlocked(world);
  }
}

async function meanwhile(world: World, draw: Draw): Promise<void> {
  await sleep(draw.between(200, 2_000));
  await world.happen(draw.below(8));
  if (world.observables !== null) return;
  if (draw.fork('analyst').chance(0.4)) await approveIfReached(world);
  if (!draw.chance(0.2)) return;
  for (const { source } of world.pipelines) await source.republish();
  world.say('the whole table is published again');
  world.troubles.add('whole table published again');
}
