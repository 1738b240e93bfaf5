import { setTimeout as sleep } from 'node:timers/promises';
import { steerRun } from '../../client/backfills.ts';
import { runningRuns } from '../../client/running-runs.ts';
import type { Draw } from '../draw.ts';
import { sentenceOf } from '../sentences.ts';
import type { Trouble } from '../trouble.ts';
import type { World } from '../world.ts';

/** A person pauses a run, and resumes it. */
export const pauseAndResume: Trouble = async (world, draw) => {
  const run = await someRun(world, draw);
  if (run === null) return;
  await done(world, 'pause', async () => {
    await steerRun(world.stack.temporal, run, { kind: 'pause' });
    await sleep(draw.between(200, 3_000));
    await steerRun(world.stack.temporal, run, { kind: 'resume' });
  });
};

export const changeConcurrency: Trouble = async (world, draw) => {
  const run = await someRun(world, draw);
  if (run === null) return;
  const lanes = draw.between(1, 8);
  await done(world, 'other concurrency', () => steerRun(world.stack.temporal, run, { kind: 'concurrency', lanes }));
};

export const cancelRun: Trouble = async (world, draw) => {
  const run = await someRun(world, draw);
  if (run === null) return;
  world.stopped.add(run);
  await done(world, 'cancel', () => steerRun(world.stack.temporal, run, { kind: 'cancel' }));
};

/** Nothing of the run's own gets a chance to tidy up. */
export const terminateRun: Trouble = async (world, draw) => {
  const run = await someRun(world, draw);
  if (run === null) return;
  world.stopped.add(run);
  await done(world, 'terminate', async () => {
    await world.stack.temporal.client.workflow.getHandle(run).terminate('chaos');
  });
};

/** A run that is going, at some moment of its life; null when there is none. */
async function someRun(world: World, draw: Draw): Promise<string | null> {
  await sleep(draw.between(200, 3_000));
  const running: string[] = [];
  for (const { name } of world.pipelines) {
    for (const { workflowId } of await runningRuns(world.stack.temporal, name)) running.push(workflowId);
  }
  return running.toSorted()[draw.below(Math.max(1, running.length))] ?? null;
}

/** The run may have ended by itself meanwhile. */
async function done(world: World, what: string, act: () => Promise<void>): Promise<void> {
  try {
    await act();
    world.say(`${what} by a person`);
    world.troubles.add(`${what} by a person`);
  } catch (error) {
    world.say(`${what} came too late: ${sentenceOf(error)}`);
  }
}
