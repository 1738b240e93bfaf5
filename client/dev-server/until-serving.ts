import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';

const LONGEST_MS = 60_000;
const ASK_EVERY_MS = 100;

/** Resolves when the server answers for the namespace; throws what it answered last when a minute did not do. */
export async function untilServing(address: string, namespace: string, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + LONGEST_MS;
  for (;;) {
    signal.throwIfAborted();
    try {
      const connection = await Connection.connect({ address, connectTimeout: '2s' });
      try {
        await connection.workflowService.describeNamespace({ namespace });
        return;
      } finally {
        await connection.close();
      }
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await sleep(ASK_EVERY_MS, undefined, { signal });
  }
}
