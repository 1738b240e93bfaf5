import type { ImportSession } from './reply-schemas.ts';
import { sessionById, sessionsSince } from './session-lookup.ts';
import type { ThreatStreamClient } from './threatstream-client.ts';

interface Question {
  readonly id: string;
  readonly since: Date;
  readonly signal: AbortSignal;
  readonly answer: (session: ImportSession | null) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * What sessions are at. Those that are asked for side by side are answered by one list, whatever their number; one that the list does
 * not show is asked for by itself.
 */
export class SessionBoard {
  readonly #client: ThreatStreamClient;
  #asked: Question[] = [];

  constructor(client: ThreatStreamClient) {
    this.#client = client;
  }

  /** Null when there is no such session. `since`: when it was begun, at the latest. */
  session(id: string, since: Date, signal: AbortSignal): Promise<ImportSession | null> {
    return new Promise((answer, fail) => {
      this.#asked.push({ id, since, signal, answer, fail });
      if (this.#asked.length === 1) setImmediate(() => void this.#answer());
    });
  }

  async #answer(): Promise<void> {
    const asked = this.#asked;
    this.#asked = [];
    const shown = await this.#list(asked);
    await Promise.all(
      asked.map(async ({ id, signal, answer, fail }) => {
        try {
          answer(shown.get(id) ?? (await sessionById(this.#client, id, signal)));
        } catch (error) {
          fail(error);
        }
      }),
    );
  }

  /** The newest page: what was begun long ago is not worth going through all. A list that is not to be had leaves the single questions. */
  async #list(asked: readonly Question[]): Promise<ReadonlyMap<string, ImportSession>> {
    const [first] = asked;
    if (first === undefined || asked.length === 1) return new Map();
    const since = new Date(Math.min(...asked.map((one) => one.since.getTime())));
    try {
      for await (const sessions of sessionsSince(this.#client, since, first.signal)) {
        return new Map(sessions.flatMap((session) => (session.id === null ? [] : [[session.id, session]])));
      }
    } catch {
      // Each of the questions says for itself what is wrong.
    }
    return new Map();
  }
}
