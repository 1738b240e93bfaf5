import { join } from 'node:path';
import { inject } from 'vitest';
import { copyEmptyLedger } from '../ledger/empty-ledger.ts';
import { createDatabase } from '../postgresql/database.ts';
import { type Stack, type StackOptions, startStack } from './stack.ts';

/** A stack on the Temporal server of this test run, with a ledger on the engine of the project that the test runs in. */
export async function openStack(options: Partial<StackOptions>): Promise<Stack> {
  const database = inject('ledgerEngine') === 'postgresql' ? await createDatabase(inject('postgres').url) : null;
  const stack = await startStack({
    address: inject('temporalAddress'),
    ...(database === null ? {} : { ledgerUrl: database.url }),
    ...options,
  });
  // A first start is the demo's; the copy is there before a worker can be.
  if (database === null) copyEmptyLedger(join(stack.folder, 'ledger'));
  return {
    ...stack,
    async close() {
      await stack.close();
      await database?.drop();
    },
  };
}
