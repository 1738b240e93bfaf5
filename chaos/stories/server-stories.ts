import { takeRounds } from '../rounds.ts';
import { drawSetup } from '../setup.ts';
import type { Story } from '../story.ts';
import { pauseAndResume } from '../troubles/operator-troubles.ts';
import {
  fillDisk,
  freezePostgres,
  freezeTemporal,
  restartPostgres,
  restartTemporal,
} from '../troubles/server-troubles.ts';
import { killWorker } from '../troubles/worker-troubles.ts';

/** What happens to what the product stands on. */
export const SERVER_STORIES: readonly Story[] = [
  {
    name: 'temporal-away',
    about: 'Temporal is killed, ended, frozen, and comes back with the state that it had written down.',
    ledger: 'embedded',
    temporal: 'own',
    setup: (draw) => drawSetup(draw),
    happen: (world) =>
      takeRounds(world, {
        rounds: 3,
        apis: ['logs', 'graph', 'tip'],
        troubles: [restartTemporal, restartTemporal, freezeTemporal, killWorker],
      }),
  },
  {
    name: 'postgresql-away',
    about: 'PostgreSQL is frozen and restarted under two workers.',
    ledger: 'own PostgreSQL',
    temporal: 'shared',
    setup: (draw) => {
      const setup = drawSetup(draw, { workers: 2 });
      return { ...setup, edits: [...setup.edits, [['ledger', 'statementTimeout'], '3s']] };
    },
    happen: (world) =>
      takeRounds(world, {
        rounds: 3,
        apis: ['logs', 'graph', 'tip'],
        troubles: [restartPostgres, freezePostgres, freezePostgres],
      }),
  },
  {
    name: 'full-disk',
    about: 'The disk of the embedded ledger is full for a while.',
    ledger: 'embedded',
    temporal: 'shared',
    diskMegabytes: 120,
    setup: (draw) => drawSetup(draw),
    happen: (world) => takeRounds(world, { rounds: 2, apis: ['logs', 'graph', 'tip'], troubles: [fillDisk] }),
  },
  {
    name: 'two-pipelines',
    about: 'Two pipelines deliver to one account, each what its own source says, some values both.',
    ledger: 'embedded',
    temporal: 'shared',
    setup: (draw) => drawSetup(draw, { twoPipelines: true }),
    happen: (world) =>
      takeRounds(world, {
        rounds: 3,
        apis: ['logs', 'graph', 'tip'],
        troubles: [killWorker, pauseAndResume],
        happenings: 20,
      }),
  },
];
