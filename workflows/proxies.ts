import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/create-activities.ts';

/**
 * The boundary of the activities sets each delay itself; these are for what dies without a word. Short, since tries before that, of
 * which one that waits for an analyst has thousands, count: they would make a worker's death cost minutes.
 */
const retry = { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '10s' } as const;

/** Every step beats while it is alive: what a worker that has died was at is given to another one after this. */
const heartbeatTimeout = '30s';

/** Only the ledger is touched. */
export const { formBatches, closeWindow, releaseWindows, answer, formArtifacts, countArtifacts } =
  proxyActivities<Activities>({
    startToCloseTimeout: '5m',
    heartbeatTimeout,
    retry,
  });

/** For a person who waits: what cannot be lifted now comes to its end by itself. */
export const { liftPauses } = proxyActivities<Activities>({
  startToCloseTimeout: '10s',
  scheduleToCloseTimeout: '20s',
  retry,
});

/** A query may run for ten minutes at the server, and what is not to be had takes up to three of them. */
export const { plan, readWindow, extract } = proxyActivities<Activities>({
  startToCloseTimeout: '45m',
  heartbeatTimeout,
  retry,
});

/** Long: many requests each, or all items of a window. */
export const {
  score,
  orderBatches,
  deliver,
  confirm,
  readArtifacts,
  judgeArtifacts,
  writeArtifacts,
  confirmArtifacts,
} = proxyActivities<Activities>({
  startToCloseTimeout: '1h',
  heartbeatTimeout,
  retry,
});
