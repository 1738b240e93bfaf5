import { newExchangeKeys } from '../../exchange/keys.ts';
import { type HostReputation, MOST_HOSTS, reputationsAnswered } from '../../exchange/messages.ts';
import { seal, unseal } from '../../exchange/sealed.ts';
import { type AskOptions, askLedger, NotAnsweredYet, UnknownPipeline } from '../ask-ledger.ts';
import type { Temporal } from '../connect.ts';

export interface LookUpProgress {
  readonly done: number;
  readonly total: number;
  /** What is in the way, as a sentence; null for nothing. */
  readonly trouble: string | null;
}

interface Asking {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: LookUpProgress) => void;
}

/** Hosts are looked up as fast as the budget that all share allows, and MDTI may ask to wait. */
const PART_MS = 60 * 60_000;
/** What is not closed expires. */
const CLOSE_MS = 5_000;

/**
 * Asks a worker for the reputations of hosts, each named once and in its canonical form, in an exchange that Temporal carries sealed. Throws
 * as `askLedger` does.
 */
export async function askReputations(
  temporal: Temporal,
  taskQueue: string,
  hosts: readonly string[],
  { signal, onProgress }: Asking,
): Promise<ReadonlyMap<string, HostReputation>> {
  const keys = newExchangeKeys();
  const opened = await ofThisRelease(() =>
    askLedger(temporal, taskQueue, { kind: 'open-exchange', pipeline: null, publicKey: keys.publicKey }, { signal }),
  );
  const { exchange, publicKey } = opened;
  const secret = keys.agree(publicKey);
  if (secret === null) throw new Error('The worker has answered without a public key that this command can use.');
  const ask = async (
    part: number,
    asked: readonly string[],
    options: AskOptions,
  ): Promise<readonly HostReputation[]> => {
    const sealed = seal(secret, { exchange, part, direction: 'question' }, JSON.stringify({ hosts: asked }));
    const question = { kind: 'reputations', pipeline: null, exchange, part, sealed } as const;
    const answer = await ofThisRelease(() => askLedger(temporal, taskQueue, question, options));
    return reputationsIn(unseal(secret, { exchange, part, direction: 'answer' }, answer.sealed));
  };
  try {
    const known = new Map<string, HostReputation>();
    const tell = (trouble: string | null): void => onProgress({ done: known.size, total: hosts.length, trouble });
    for (let part = 1; known.size < hosts.length; part += 1) {
      tell(null);
      const asked = hosts.slice(known.size, known.size + MOST_HOSTS);
      const answered = await ask(part, asked, { timeoutMs: PART_MS, onWaiting: tell, signal });
      for (const [at, reputation] of answered.entries()) known.set(asked[at] ?? '', reputation);
    }
    tell(null);
    return known;
  } finally {
    const question = { kind: 'close-exchange', pipeline: null, exchange } as const;
    await askLedger(temporal, taskQueue, question, { timeoutMs: CLOSE_MS }).catch(() => undefined);
  }
}

/** A worker of an earlier release takes what is of no pipeline for one of an unknown pipeline. */
async function ofThisRelease<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof UnknownPipeline) {
      throw new Error(
        "The worker that has answered is of an earlier release, which knows no lists of values: bring the workers to this command's release.",
        { cause: error },
      );
    }
    if (error instanceof NotAnsweredYet) {
      throw new Error(`${error.message} What was looked up is kept: the same command goes on from there.`, {
        cause: error,
      });
    }
    throw error;
  }
}

function reputationsIn(text: string | null): readonly HostReputation[] {
  if (text === null) {
    throw new Error('The answer was not sealed for this question: somebody has changed what Temporal hands over.');
  }
  return reputationsAnswered.parse(JSON.parse(text)).reputations;
}
