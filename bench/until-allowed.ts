import { Fault } from '../indicators/fault.ts';

/** What was too much is asked again once the API allows it: the pace has slowed meanwhile. */
export async function untilAllowed<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof Fault) || error.kind !== 'Throttled') throw error;
    }
  }
}
