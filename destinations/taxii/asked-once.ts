import { Fault } from '../../indicators/fault.ts';

/** What is asked for all who need it together, until it is forgotten. */
export interface AskedOnce<T> {
  readonly get: (signal: AbortSignal) => Promise<T>;
  readonly forget: () => void;
}

/**
 * A failure is every waiting one's, but that somebody is cancelled is not: the signal under which it is asked is that of one of them, and
 * when that one gives up another asks in its place.
 */
export function askedOnce<T>(ask: (signal: AbortSignal) => Promise<T>): AskedOnce<T> {
  let known: Promise<T> | null = null;
  return {
    get: async (signal) => {
      for (;;) {
        const others = known;
        const asked = others ?? ask(signal);
        known = asked;
        try {
          return await asked;
        } catch (error) {
          if (known === asked) known = null;
          if (others === null || error instanceof Fault) throw error;
          signal.throwIfAborted();
        }
      }
    },
    forget: () => {
      known = null;
    },
  };
}
