import { Fault } from '../../indicators/fault.ts';

/** The fault that a promise ends in; anything else fails the test. */
export async function faultFrom(promise: Promise<unknown>): Promise<Fault> {
  const error: unknown = await promise.then(
    () => new Error('There was no fault.'),
    (reason: unknown) => reason,
  );
  if (error instanceof Fault) return error;
  throw error instanceof Error ? error : new Error(String(error));
}
