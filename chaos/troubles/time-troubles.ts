import { setTimeout as sleep } from 'node:timers/promises';
import { PASS_MINUTES, TTL_MINUTES } from '../enriching/setup.ts';
import type { Trouble } from '../trouble.ts';
import { LATEST_MS } from '../wire-storm.ts';
import type { World } from '../world.ts';
import { begin } from './worker-troubles.ts';

const MINUTE_MS = 60_000;

/** Time goes by until reputations have run out, or all is read anew. */
export const passSomeTime: Trouble = async (world, draw) => {
  const minutes = draw.pick([0, TTL_MINUTES + 1, TTL_MINUTES + 1, PASS_MINUTES + 1]);
  if (minutes === 0) return;
  world.troubles.add('time went by');
  await passTime(world, minutes);
  await begin(world);
};

/** While no worker is there, and nothing is on its way any more: a worker's clock is how it knows of either. */
export async function passTime(world: World, minutes: number): Promise<void> {
  await world.workers.endAll('SIGTERM');
  await sleep(2 * LATEST_MS);
  world.workers.leap(minutes * MINUTE_MS);
  world.say(`${minutes} minutes later`);
}
