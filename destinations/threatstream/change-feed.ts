import { type Departure, KeptChanges } from './kept-changes.ts';
import type { Intelligence } from './reply-schemas.ts';
import { changes } from './search.ts';
import type { ThreatStreamClient, ThreatStreamDeps } from './threatstream-client.ts';

interface Question extends Departure {
  readonly signal: AbortSignal;
  readonly answer: (found: readonly Intelligence[]) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * What carries our tag and has changed there. Many requests are followed at once, and each would read what all of them have changed: so it
 * is read once, forward, and those that ask side by side share a reading. Who asks for more than is kept has a reading of its own.
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
  changesSince(departure: Departure, signal: AbortSignal): Promise<readonly Intelligence[]> {
    return new Promise((answer, fail) => {
      this.#asked.push({ ...departure, signal, answer, fail });
      if (this.#isReading) return;
      this.#isReading = true;
      setImmediate(() => void this.#answerAll());
    });
  }

  async #answerAll(): Promise<void> {
    while (this.#asked.length > 0) {
      const asked = this.#asked;
      this.#asked = [];
      const now = this.#now().getTime();
      const kept = this.#kept?.reaches(asked) ? this.#kept : new KeptChanges(oldestOf(asked));
      this.#kept = kept;
      const [covered, others] = [
        asked.filter((one) => kept.covers(one, now)),
        asked.filter((one) => !kept.covers(one, now)),
      ];
      await this.#answerTogether(kept, covered, now);
      for (const one of others) await this.#answerAlone(one, kept.numberBefore(one));
    }
    this.#isReading = false;
  }

  async #answerTogether(kept: KeptChanges, asked: readonly Question[], now: number): Promise<void> {
    const [first, ...others] = asked;
    if (first === undefined) return;
    try {
      kept.goBackFor(asked, now);
      const since = kept.last === null ? kept.from : oldestOf(asked);
      for await (const page of changes(this.#client, { since, after: kept.last }, first.signal)) {
        kept.add(page, this.#now().getTime());
      }
      for (const one of asked) one.answer(kept.shownTo(one));
      kept.trim();
    } catch (error) {
      first.fail(error);
      // Nobody else has given up.
      if (first.signal.aborted) return this.#answerTogether(kept, others, now);
      for (const one of others) one.fail(error);
    }
  }

  async #answerAlone({ since, signal, answer, fail }: Question, after: string | null): Promise<void> {
    try {
      const found: Intelligence[] = [];
      for await (const page of changes(this.#client, { since, after }, signal)) found.push(...page.found);
      answer(found);
    } catch (error) {
      fail(error);
    }
  }
}

function oldestOf(asked: readonly Departure[]): Date {
  return new Date(Math.min(...asked.map(({ since }) => since.getTime())));
}
