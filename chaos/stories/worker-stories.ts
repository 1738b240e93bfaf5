import { takeRounds } from '../rounds.ts';
import { drawSetup } from '../setup.ts';
import type { Story } from '../story.ts';
import {
  dieAtWrite,
  freezeWorker,
  freezeWorkerLong,
  killWhileAsking,
  killWorker,
  loseLedger,
  stopWorker,
  wrongClock,
} from '../troubles/worker-troubles.ts';

const DAY_MS = 86_400_000;

/** A date, so that where coverage begins does not hang on the clock that is wrong. */
function dayBefore(days: number): string {
  return new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 10);
}

/** What happens to worker processes. */
export const WORKER_STORIES: readonly Story[] = [
  {
    name: 'killed-worker',
    about: 'The worker dies by SIGKILL: at any moment, between any two writes, while a request is being answered.',
    ledger: 'embedded',
    temporal: 'shared',
    short: true,
    setup: (draw) => drawSetup(draw),
    happen: (world) =>
      takeRounds(world, {
        rounds: 3,
        apis: ['logs', 'graph', 'tip'],
        troubles: [killWorker, dieAtWrite, dieAtWrite, killWhileAsking],
      }),
  },
  {
    name: 'lost-ledger',
    about: 'The embedded ledger dies under its worker, which ends by itself.',
    ledger: 'embedded',
    temporal: 'shared',
    setup: (draw) => drawSetup(draw),
    happen: (world) => takeRounds(world, { rounds: 3, apis: ['logs', 'graph', 'tip'], troubles: [loseLedger] }),
  },
  {
    name: 'frozen-worker',
    about: 'The worker is stopped for seconds, or ended in order, and goes on.',
    ledger: 'embedded',
    temporal: 'shared',
    setup: (draw) => drawSetup(draw),
    happen: (world) =>
      takeRounds(world, {
        rounds: 4,
        apis: ['logs', 'graph', 'tip'],
        troubles: [freezeWorker, freezeWorker, stopWorker],
      }),
  },
  {
    name: 'two-workers',
    about: 'Two workers on one PostgreSQL: one is killed, frozen or ended while the other goes on.',
    ledger: 'PostgreSQL',
    temporal: 'shared',
    setup: (draw) => drawSetup(draw, { workers: 2 }),
    happen: (world) =>
      takeRounds(world, {
        rounds: 3,
        apis: ['logs', 'graph', 'tip'],
        troubles: [killWorker, dieAtWrite, killWhileAsking, freezeWorker, stopWorker],
      }),
  },
  {
    name: 'zombie-worker',
    about: 'A worker is frozen for so long that the other one is given its steps; then it goes on with them.',
    ledger: 'PostgreSQL',
    temporal: 'shared',
    setup: (draw) => drawSetup(draw, { workers: 2 }),
    happen: (world) =>
      takeRounds(world, {
        rounds: 1,
        apis: ['logs', 'graph', 'tip'],
        troubles: [freezeWorkerLong],
        happenings: 40,
      }),
  },
  {
    name: 'wrong-clock',
    about: "The worker's clock is ahead or behind, by a minute or a day, and is put right.",
    ledger: 'embedded',
    temporal: 'shared',
    setup: (draw) => drawSetup(draw, { source: { window: '1d', since: dayBefore(2) } }),
    happen: (world) => takeRounds(world, { rounds: 2, apis: ['graph', 'tip'], troubles: [wrongClock] }),
  },
];
