import { Fault } from '../indicators/fault.ts';
import { takeUpAside } from '../ledger/artifacts.ts';
import { type Redelivered, redeliver, windowAt } from '../ledger/redeliver.ts';
import { enrichedOr } from './answer-enrichment.ts';
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
  if (enrichedOr(parts, pipeline) !== null) {
    if (window !== null) throw new Fault('Refused', `${pipeline} enriches, and has no windows: leave --window out.`);
    return { rejected: 0, setAside: setAside ? await takeUpAside(parts.ledger, pipeline) : 0 };
  }
  const windowId = window === null ? null : await windowAt(parts.ledger, pipeline, window);
  if (window !== null && windowId === null) {
    throw new Fault(
      'Refused',
      `No window of ${pipeline} has ${window} in it: 'mdti-sync coverage --pipeline ${pipeline}' shows what there is.`,
    );
  }
  return redeliver(parts.ledger, { pipeline, rejected, setAside, windowId, now: parts.now() });
}
