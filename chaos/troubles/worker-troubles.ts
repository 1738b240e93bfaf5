import { setTimeout as sleep } from 'node:timers/promises';
import type { WireFaultMoment } from '../../sandbox/wire-faults/wire-fault.ts';
import { dyingAt, losingItsLedgerAt, withClock } from '../preloads.ts';
import { sentenceOf } from '../sentences.ts';
import type { Trouble } from '../trouble.ts';
import { WEATHER } from '../wire-storm.ts';
import type { WorkerStart } from '../workers.ts';
import type { StoryApi, World } from '../world.ts';

/** SIGKILL at some moment, and another one soon after. */
export const killWorker: Trouble = async (world, draw) => {
  await sleep(draw.between(100, 4_000));
  world.say('SIGKILL of a worker');
  world.troubles.add('worker SIGKILL');
  await world.workers.end('SIGKILL', draw.below(4));
  await sleep(draw.between(0, 1_000));
  await begin(world);
};

/** SIGTERM, as every deployment does it. */
export const stopWorker: Trouble = async (world, draw) => {
  await sleep(draw.between(100, 4_000));
  world.say('SIGTERM of a worker');
  world.troubles.add('worker SIGTERM');
  await world.workers.end('SIGTERM', draw.below(4));
  await begin(world);
};

const DEATH_MS = 25_000;

/** A worker has made about so many writes when it polls, and a run of a round makes as many again several times. */
const WRITES = { starting: 20, polling: 57, atWork: 280 };

/** SIGKILL between any two writes: it is the worker itself that counts them. Now and then it is one of its first. */
export const dieAtWrite: Trouble = async (world, draw) => {
  const first = draw.chance(0.1) ? WRITES.starting : WRITES.polling;
  const write = draw.between(first, WRITES.atWork);
  const afterMs = draw.pick([null, 0, draw.between(1, 8)]);
  const moment = afterMs === null ? 'before' : 'after';
  await world.workers.end('SIGTERM', draw.below(4));
  if (await begin(world, dyingAt(write, afterMs))) {
    const until = performance.now() + DEATH_MS;
    while (!world.workers.isAnyDead && performance.now() < until) await sleep(50);
    if (!world.workers.isAnyDead) await world.workers.end('SIGKILL');
  }
  world.say(`a worker died at its write ${write}, ${moment} it, or did not come so far`);
  world.troubles.add(`worker SIGKILL at a write, ${moment} it`);
  await begin(world);
};

/** The thread of the embedded ledger ends before a statement of a run: the worker ends by itself. */
export const loseLedger: Trouble = async (world, draw) => {
  const statement = draw.between(WRITES.polling, WRITES.atWork);
  await world.workers.end('SIGTERM');
  if (await begin(world, losingItsLedgerAt(statement))) {
    const until = performance.now() + DEATH_MS;
    while (!world.workers.isAnyDead && performance.now() < until) await sleep(50);
    if (!world.workers.isAnyDead) await world.workers.end('SIGKILL');
  }
  world.say(`the ledger of a worker died at its statement ${statement}, or did not come so far`);
  world.troubles.add('ledger died under its worker');
  await begin(world);
};

/** SIGKILL while a request of its is being answered: taken in or not. */
export const killWhileAsking: Trouble = async (world, draw) => {
  const asked = draw.pick<StoryApi>(['tip', 'tip', 'graph', 'logs']);
  // Enriching asks no logs.
  const api = world.apiOf(asked === 'logs' && world.observables !== null ? 'graph' : asked);
  const moment = draw.pick<WireFaultMoment>(['before', 'after', 'early']);
  const name = `${api} hang ${moment}`;
  const before = (await world.counts()).injected[name] ?? 0;
  await world.addWire({ api, kind: 'hang', moment, at: [draw.between(1, WEATHER[api].requests)], ms: 3_000 });
  const until = performance.now() + DEATH_MS;
  while (((await world.counts()).injected[name] ?? 0) === before) {
    if (performance.now() > until) return;
    await sleep(20);
  }
  world.say(`SIGKILL of a worker that waits for an answer (${name})`);
  world.troubles.add(`worker SIGKILL at a request, ${moment} it was taken in`);
  await world.workers.end('SIGKILL');
  await begin(world);
};

/** SIGSTOP, and SIGCONT some seconds later. */
export const freezeWorker: Trouble = async (world, draw) => {
  await sleep(draw.between(100, 2_500));
  await freeze(world, draw.between(300, 6_000), draw.below(4));
};

/** Longer than the engine believes in a worker that does not beat: its steps are given to another, and then it goes on with them. */
export const freezeWorkerLong: Trouble = async (world, draw) => {
  await sleep(draw.between(100, 2_500));
  await freeze(world, draw.between(31_000, 36_000), draw.below(4));
};

async function freeze(world: World, forMs: number, which: number): Promise<void> {
  world.say(`SIGSTOP of a worker for ${forMs} ms`);
  world.troubles.add(forMs > 30_000 ? 'worker SIGSTOP, longer than a heartbeat' : 'worker SIGSTOP');
  await world.workers.freeze(forMs, which);
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** One whose clock is wrong, for the rest of the round. */
export const wrongClock: Trouble = async (world, draw) => {
  const ahead = draw.pick([DAY_MS, 90_000, 10 * MINUTE_MS, -90_000, -10 * MINUTE_MS, -DAY_MS]);
  world.say(`the worker's clock is ${ahead / 1_000} s ahead`);
  world.troubles.add(ahead > 0 ? "worker's clock ahead" : "worker's clock behind");
  await world.workers.endAll('SIGTERM');
  await begin(world, withClock(ahead));
  for (const { name } of world.pipelines) await world.startSync(name);
  await sleep(draw.between(3_000, 6_000));
  await world.workers.endAll('SIGTERM');
  await begin(world);
};

/** Whether it polls: one that ends before is started again by the recovery. */
/** Starts the workers that are missing, as whatever supervises them does. */
export async function begin(world: World, how?: WorkerStart): Promise<boolean> {
  try {
    await world.workers.start(how);
    return true;
  } catch (error) {
    world.say(`a worker did not start: ${sentenceOf(error)}`);
    return false;
  }
}
