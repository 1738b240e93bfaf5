import { randomUUID } from 'node:crypto';
import { newExchangeKeys } from '../exchange/keys.ts';
import { Fault } from '../indicators/fault.ts';
import { openExchange } from '../ledger/exchanges.ts';
import type { Parts } from './parts.ts';

export interface OpenedExchange {
  readonly exchange: string;
  /** The worker's, of this exchange alone. */
  readonly publicKey: string;
}

/**
 * Agrees on a secret with a command, by its public key: what both say to each other by way of Temporal is sealed with it. An attempt that is
 * tried again opens another one, and leaves its own to expire.
 */
export async function answerOpenExchange(parts: Parts, theirPublicKey: string): Promise<OpenedExchange> {
  const keys = newExchangeKeys();
  const secret = keys.agree(theirPublicKey);
  if (secret === null) {
    throw new Fault(
      'Refused',
      'The question has no public key that a worker of this release can use: use the command of its release.',
    );
  }
  const id = randomUUID();
  await openExchange(parts.ledger, { id, secret, now: parts.now() });
  return { exchange: id, publicKey: keys.publicKey };
}
