import { takeRounds } from '../rounds.ts';
import { drawSetup } from '../setup.ts';
import type { Story } from '../story.ts';
import { cancelRun, changeConcurrency, pauseAndResume, terminateRun } from '../troubles/operator-troubles.ts';
import { dieAtWrite, killWorker } from '../troubles/worker-troubles.ts';
import type { World } from '../world.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** Windows of 20 minutes over three hours of history; live coverage begins a minute ago. */
const HISTORY = { since: '1m', window: '20m' };

/** What people do while runs are going. */
export const OPERATOR_STORIES: readonly Story[] = [
  {
    name: 'steered-run',
    about: 'Runs are paused, resumed, made wider, cancelled and terminated.',
    ledger: 'embedded',
    temporal: 'shared',
    short: true,
    setup: (draw) => drawSetup(draw),
    happen: (world) =>
      takeRounds(world, {
        rounds: 4,
        apis: ['logs', 'graph', 'tip'],
        troubles: [pauseAndResume, changeConcurrency, cancelRun, terminateRun],
      }),
  },
  {
    name: 'overlapping-backfills',
    about:
      'Backfills over stretches that overlap, beside live runs; some are cancelled or terminated, and the worker dies.',
    ledger: 'embedded',
    temporal: 'shared',
    setup: (draw) => drawSetup(draw, { source: HISTORY }),
    async happen(world) {
      await startOverlapping(world);
      await takeRounds(world, {
        rounds: 3,
        apis: ['logs', 'graph', 'tip'],
        troubles: [cancelRun, terminateRun, killWorker, dieAtWrite, pauseAndResume],
        happenings: 15,
      });
    },
  },
];

/** All of the history is wanted in the end. */
async function startOverlapping(world: World): Promise<void> {
  const now = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
  const span = (fromHours: number, toHours: number) => ({
    from: new Date(now - fromHours * HOUR_MS).toISOString(),
    to: new Date(now - toHours * HOUR_MS).toISOString(),
  });
  for (const { name, source } of world.pipelines) {
    await source.happened(60, { from: 3 * HOUR_MS, to: 2 * MINUTE_MS });
    world.wanted.push({ from: span(3.1, 0).from, to: new Date(now + MINUTE_MS).toISOString() });
    // The live run first: where coverage begins, it has begun before the backfills.
    await world.startSync(name);
    await Promise.all([
      world.startBackfill(name, span(3.1, 1)),
      world.startBackfill(name, span(2, 0.3)),
      world.startBackfill(name, span(1.5, 0)),
    ]);
    world.troubles.add('overlapping backfills', 3);
  }
}
