import { Fault } from '../indicators/fault.ts';
import { type Redelivered, redeliver, windowAt } from '../ledger/redeliver.ts';
import type { Parts } from './parts.ts';

export type { Redelivered };

export interface RedeliverQuestion {
  readonly pipeline: string;
  readonly rejected: boolean;
  readonly setAside: boolean;
  /** An instant of the window whose decisions are meant; null for all. */
  readonly window: string | null;
}

/** Makes what was rejected or set aside due for the next live window, and says how many those are. */
export async function answerRedeliver(parts: Parts, question: RedeliverQuestion): Promise<Redelivered> {
  const { pipeline, rejected, setAside, window } = question;
  const windowId = window === null ? null : await windowAt(parts.ledger, pipeline, window);
  if (window !== null && windowId === null) {
    throw new Fault(
      'Refused',
      `No window of ${pipeline} has ${window} in it: 'mdti-sync coverage --pipeline ${pipeline}' shows what there is.`,
    );
  }
  return redeliver(parts.ledger, { pipeline, rejected, setAside, windowId, now: parts.now() });
}
