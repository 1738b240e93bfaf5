import { AsyncResource } from 'node:async_hooks';
import { type Departure, KeptChanges, newest } from './kept-changes.ts';
import type { Intelligence } from './reply-schemas.ts';
import { changes } from './search.ts';
import type { ThreatStreamClient, ThreatStreamDeps } from './threatstream-client.ts';

interface Question extends Departure {
  readonly signal: AbortSignal;
  /** Reads on the account of the one that asked: how urgent a request is goes by who has it sent. */
  readonly within: (read: () => Promise<Answers>) => Promise<Answers>;
  readonly answer: (found: readonly Intelligence[]) => void;
  readonly fail: (error: unknown) => void;
}

/** Its clock is read from headers in whole seconds: what it shows may be that much newer, and so show what has left meanwhile. */
const WHOLE_SECOND_MS = 999;

/** What each of those that asked is answered. */
type Answers = (one: Question) => readonly Intelligence[];

/**
 * What carries our tag and has changed there. Many requests are followed at once, and each would read what all of them have changed: so it
 * is read once, forward, and those that ask side by side share a reading. Those who ask for more than is kept share another one.
 */
export class ChangeFeed {
  readonly #client: ThreatStreamClient;
  readonly #now: ThreatStreamDeps['now'];
  #asked: Question[] = [];
  #isReading = false;
  #kept: KeptChanges | null = null;

  constructor(client: ThreatStreamClient, now: ThreatStreamDeps['now']) {
    this.#client = client;
    this.#now = now;
  }

  /** What has changed since a request left, read to the end after the question was put. */
  async changesSince(departure: Departure, signal: AbortSignal): Promise<readonly Intelligence[]> {
    signal.throwIfAborted();
    let giveUp = (): void => {};
    try {
      return await new Promise((answer, fail) => {
        giveUp = () => fail(signal.reason);
        signal.addEventListener('abort', giveUp);
        const within: Question['within'] = (read) => read();
        this.#asked.push({ ...departure, signal, within: AsyncResource.bind(within), answer, fail });
        if (this.#isReading) return;
        this.#isReading = true;
        setImmediate(() => void this.#answerAll());
      });
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }

  async #answerAll(): Promise<void> {
    while (this.#asked.length > 0) {
      const asked = this.#asked;
      this.#asked = [];
      const now = this.#theirNow();
      const kept = this.#kept?.reaches(asked) ? this.#kept : new KeptChanges(oldestOf(asked));
      this.#kept = kept;
      const covered = asked.filter((one) => kept.covers(one, now));
      const others = asked.filter((one) => !kept.covers(one, now));
      kept.goBackFor(covered, now);
      await answerTogether(covered, (signal) => this.#readOn(kept, covered, signal));
      kept.trim();
      await answerTogether(others, (signal) => this.#readBeside(kept, others, now, signal));
    }
    this.#isReading = false;
  }

  /** Several workers have clocks of their own: what counts is ThreatStream's. */
  #theirNow(): Date {
    return this.#client.theirTime(this.#now());
  }

  async #readOn(kept: KeptChanges, asked: readonly Question[], signal: AbortSignal): Promise<Answers> {
    const since = kept.last === null ? kept.from : oldestOf(asked);
    for await (const page of changes(this.#client, { since, after: kept.last }, signal)) {
      kept.add(page, new Date(this.#theirNow().getTime() + WHOLE_SECOND_MS));
    }
    return (one) => kept.shownTo(one);
  }

  async #readBeside(kept: KeptChanges, asked: readonly Question[], now: Date, signal: AbortSignal): Promise<Answers> {
    const since = oldestOf(asked);
    const found: Intelligence[] = [];
    const from = { since, after: kept.numberBefore({ since }, now) };
    for await (const page of changes(this.#client, from, signal)) found.push(...page.found);
    return () => newest(found);
  }
}

/** By one reading, which fails for all; when the first has given up, it is read again for the others. */
async function answerTogether(
  asked: readonly Question[],
  read: (signal: AbortSignal) => Promise<Answers>,
): Promise<void> {
  const [first, ...others] = asked;
  if (first === undefined) return;
  try {
    const shownTo = await first.within(() => read(first.signal));
    for (const one of asked) one.answer(shownTo(one));
  } catch (error) {
    first.fail(error);
    // Nobody else has given up.
    if (first.signal.aborted) return answerTogether(others, read);
    for (const one of others) one.fail(error);
  }
}

function oldestOf(asked: readonly Departure[]): Date {
  return new Date(Math.min(...asked.map(({ since }) => since.getTime())));
}
