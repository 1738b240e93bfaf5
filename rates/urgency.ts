import { activityInfo } from '@temporalio/activity';

/** Backfills run at a priority below the default one; see the workflows. */
const DEFAULT_PRIORITY = 3;

/** Whether the activity that asks belongs to a live run: those go first in every shared budget. */
export function isUrgent(): boolean {
  return (activityInfo().priority?.priorityKey ?? DEFAULT_PRIORITY) <= DEFAULT_PRIORITY;
}
