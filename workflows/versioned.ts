import { setWorkflowOptions, workflowInfo } from '@temporalio/workflow';
import { ask } from './ask.ts';
import { backfill } from './backfill.ts';
import { batch } from './batch.ts';
import { enrich } from './enrich.ts';
import { enrichBatch } from './enrich-batch.ts';
import { BACKFILL_PRIORITY } from './priorities.ts';
import { sync } from './sync.ts';
import { window } from './window.ts';

/**
 * The workflows for a worker that says its build, which has a bundle of its own: Temporal does not take what is said here from any
 * other. It is about which build goes on with a run when a newer one has become current.
 *
 * What is live goes over to the current build at its next step: it may be blocked, or wait for a destination, for days, and must
 * not need workers of an old build for that, nor hold up its pipeline's schedule when there are none. Its code must replay, which
 * the recorded histories see to.
 */
const GOES_OVER = { versioningBehavior: 'AUTO_UPGRADE' } as const;

/** A backfill ends on the build that it began on, and so does all that it starts, whatever the newer ones do differently. */
const STAYS = { versioningBehavior: 'PINNED' } as const;

/** Windows and batches do as the run that they belong to. */
function asItsRun() {
  return workflowInfo().priority?.priorityKey === BACKFILL_PRIORITY ? STAYS : GOES_OVER;
}

setWorkflowOptions(GOES_OVER, ask);
setWorkflowOptions(STAYS, backfill);
setWorkflowOptions(asItsRun, batch);
setWorkflowOptions(GOES_OVER, enrich);
setWorkflowOptions(GOES_OVER, enrichBatch);
setWorkflowOptions(GOES_OVER, sync);
setWorkflowOptions(asItsRun, window);

export { ask, backfill, batch, enrich, enrichBatch, sync, window };
