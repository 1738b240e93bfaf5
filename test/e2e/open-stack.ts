import { inject } from 'vitest';
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
  return {
    ...stack,
    async close() {
      await stack.close();
      await database?.drop();
    },
  };
}
