import { z } from 'zod';
import type { OpenCtiFaults } from './opencti-faults.ts';
import { type PushedObject, pushedObject } from './pushed-object.ts';

const work = z.object({
  id: z.string(),
  createdAt: z.number(),
  /** What the push brought. */
  total: z.int(),
  processed: z.int(),
  /** Objects that were refused. */
  errors: z.array(z.string()),
  /** What has not been taken in; of a push that is lost, never. */
  waiting: z.array(pushedObject),
  lost: z.boolean(),
  requestsLeft: z.int(),
  notBefore: z.number(),
});
export type Work = z.infer<typeof work>;

export const savedWorks = z.array(work);

/** Pushes on their way into the platform, and what became of them. */
export class Works {
  readonly #works = new Map<string, Work>();
  #pushes = 0;

  constructor(saved: readonly Work[]) {
    for (const one of saved) this.#works.set(one.id, one);
  }

  /** Queues a push. `objects` is null where no worker could read it. */
  put(
    { connector, total, objects }: { connector: string; total: number; objects: readonly PushedObject[] | null },
    now: number,
    { lostPushes, ingestAfterRequests, ingestAfterMs }: OpenCtiFaults,
  ): Work {
    this.#pushes += 1;
    let createdAt = now;
    // Two of one millisecond would share an id.
    while (this.#works.has(workId(connector, createdAt))) createdAt += 1;
    const lost = objects === null || (lostPushes > 0 && this.#pushes % lostPushes === 0);
    const put: Work = {
      id: workId(connector, createdAt),
      createdAt,
      total,
      processed: 0,
      errors: [],
      waiting: lost ? [] : [...objects],
      lost,
      requestsLeft: ingestAfterRequests,
      notBefore: now + ingestAfterMs,
    };
    this.#works.set(put.id, put);
    return put;
  }

  get(id: string): Work | null {
    return this.#works.get(id) ?? null;
  }

  /** One more request has come: the workers take in what is due. `take` gives what is wrong with an object, or null. */
  tick(
    take: (object: PushedObject) => string | null,
    now: number,
    { overtaking, objectsPerRequest }: OpenCtiFaults,
  ): void {
    const open = [...this.#works.values()].filter(({ waiting }) => waiting.length > 0);
    for (const one of open) one.requestsLeft -= 1;
    const due = open.filter(({ requestsLeft, notBefore }) => requestsLeft < 0 && notBefore <= now);
    let left = objectsPerRequest === 0 ? Number.POSITIVE_INFINITY : objectsPerRequest;
    for (const one of overtaking ? due.toReversed() : due) {
      for (const object of one.waiting.splice(0, left)) {
        left -= 1;
        const problem = take(object);
        one.processed += 1;
        if (problem !== null) one.errors.push(problem);
      }
    }
  }

  snapshot(): Work[] {
    return [...this.#works.values()];
  }
}

/** Whether all that it brought has been taken in or refused. */
export function isComplete({ lost, waiting }: Work): boolean {
  return !lost && waiting.length === 0;
}

/** (Source: OpenCTI, domain/work, `generateWorkId`.) */
function workId(connector: string, at: number): string {
  return `work_${connector}_${new Date(at).toISOString()}`;
}
