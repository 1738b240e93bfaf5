import { ScheduleNotFoundError } from '@temporalio/client';
import type { Temporal } from '../connect.ts';
import { CommandError, EXIT } from './exit-codes.ts';

/** Does what needs the pipeline's schedule; that there is none ends the command with a sentence that says how to create it. */
export async function withSchedule<T>({ namespace }: Temporal, pipeline: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
    throw new CommandError(
      `${pipeline} has no schedule in namespace ${namespace}: 'mdti-sync schedule apply' creates it, 'mdti-sync schedule list' shows what there is.`,
      EXIT.failed,
    );
  }
}
