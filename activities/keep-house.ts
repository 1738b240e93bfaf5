import { log } from '@temporalio/activity';

/** Does what makes the ledger smaller or faster, and nothing else: when it fails, the log says so, and the work goes on without. */
export async function keepHouse(what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    log.warn(`housekeeping of the ledger was left out this time: ${what}`, { error });
  }
}
