import { drawEnrichSetup } from '../enriching/setup.ts';
import { type Rounds, takeRounds } from '../rounds.ts';
import type { Story } from '../story.ts';
import { cancelRun, changeConcurrency, pauseAndResume, terminateRun } from '../troubles/operator-troubles.ts';
import { freezePostgres, freezeTemporal, restartPostgres, restartTemporal } from '../troubles/server-troubles.ts';
import { passSomeTime } from '../troubles/time-troubles.ts';
import {
  dieAtWrite,
  freezeWorker,
  freezeWorkerLong,
  killWhileAsking,
  killWorker,
  loseLedger,
  stopWorker,
} from '../troubles/worker-troubles.ts';

type Told = Pick<Story, 'name' | 'about'> &
  Partial<Pick<Story, 'ledger' | 'temporal' | 'short'>> &
  Pick<Rounds, 'rounds' | 'troubles'> &
  Partial<Pick<Rounds, 'apis' | 'happenings'>> & {
    readonly workers?: number;
  };

/** Logs are not asked. */
const ALL = ['graph', 'tip'] as const;

const TOLD: readonly Told[] = [
  {
    name: 'enrich-lost-answers',
    about: 'The worker dies at a write or a request, and acknowledgements of writes are lost, of few observables.',
    short: true,
    rounds: 1,
    happenings: 25,
    apis: ['tip'],
    troubles: [dieAtWrite, killWhileAsking],
  },
  {
    name: 'enrich-wire',
    about:
      'Every form of 429, 5xx, resets, spoilt bodies and refusals, and acknowledgements of all writes that are lost.',
    rounds: 4,
    apis: ['entra', 'graph', 'tip'],
    troubles: [],
  },
  {
    name: 'enrich-killed-worker',
    about: 'The worker dies by SIGKILL: at any moment, between any two writes, while a request is being answered.',
    rounds: 3,
    troubles: [killWorker, dieAtWrite, dieAtWrite, killWhileAsking],
  },
  {
    name: 'enrich-steered-run',
    about: 'Runs are paused, resumed, made wider, cancelled and terminated.',
    rounds: 4,
    troubles: [pauseAndResume, changeConcurrency, cancelRun, terminateRun],
  },
  {
    name: 'enrich-frozen-worker',
    about: 'The worker is stopped for seconds, or ended in order, or loses its ledger, and goes on.',
    rounds: 4,
    troubles: [freezeWorker, freezeWorker, stopWorker, loseLedger],
  },
  {
    name: 'enrich-two-workers',
    about: 'Two workers on one PostgreSQL: one is killed, frozen or ended while the other goes on.',
    ledger: 'PostgreSQL',
    workers: 2,
    rounds: 3,
    troubles: [killWorker, dieAtWrite, killWhileAsking, freezeWorker, stopWorker, terminateRun],
  },
  {
    name: 'enrich-zombie-worker',
    about: 'A worker is frozen for so long that the other one is given its steps; then it goes on with them.',
    ledger: 'PostgreSQL',
    workers: 2,
    rounds: 1,
    troubles: [freezeWorkerLong],
  },
  {
    name: 'enrich-servers-away',
    about:
      'Temporal and PostgreSQL are killed, ended or frozen, and come back with the state that they had written down.',
    ledger: 'own PostgreSQL',
    temporal: 'own',
    workers: 2,
    rounds: 3,
    troubles: [restartTemporal, freezeTemporal, restartPostgres, freezePostgres],
  },
];

/**
 * What goes wrong while observables of ThreatStream are enriched. In all of them people tag and delete observables meanwhile, reputations change, and
 * from round to round they run out.
 */
export const ENRICH_STORIES: readonly Story[] = TOLD.map(
  ({ name, about, short, ledger = 'embedded', temporal = 'shared', workers = 1, apis = ALL, ...rounds }) => ({
    name,
    about,
    ledger,
    temporal,
    short,
    setup: (draw) => drawEnrichSetup(draw, { workers }),
    happen: (world) => takeRounds(world, { ...rounds, apis, between: passSomeTime }),
  }),
);
