import { inject, onTestFinished } from 'vitest';
import { createDatabase } from './database.ts';

/** The address of an empty database for one test, on the PostgreSQL of this test run. */
export async function ownDatabase(): Promise<string> {
  const { url, drop } = await createDatabase(inject('postgres').url);
  onTestFinished(drop);
  return url;
}
