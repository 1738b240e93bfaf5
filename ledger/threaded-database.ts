import { Worker } from 'node:worker_threads';
import type { EmbeddedDatabase, EmbeddedResult, EmbeddedSettings, OnDeath } from './embedded-database.ts';

export type Request =
  | { readonly id: number; readonly kind: 'query'; readonly sql: string; readonly parameters: readonly unknown[] }
  | { readonly id: number; readonly kind: 'close' };

export type Answer =
  | { readonly id: number; readonly kind: 'done'; readonly result: EmbeddedResult }
  | { readonly id: number; readonly kind: 'failed'; readonly message: string; readonly fields: Record<string, string> }
  | { readonly kind: 'died'; readonly why: string };

/** The answer that says whether the database was opened. */
export const OPENED = 0;
/** What PostgreSQL says of an error besides its message. */
export const SQL_ERROR_FIELDS = ['code', 'table', 'column', 'constraint', 'routine'] as const;

interface Waiting {
  readonly resolve: (result: EmbeddedResult) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The embedded database in a thread of its own, by the script of that thread: long statements then hold up neither heartbeats nor
 * requests of the process, and a second processor has something to do. It dies with its thread, however that ends.
 */
export async function openThreaded(
  script: URL,
  settings: EmbeddedSettings,
  onDeath: OnDeath = () => undefined,
): Promise<EmbeddedDatabase> {
  const thread = new Worker(script, { workerData: settings });
  const ended = new Promise((resolve) => thread.once('exit', resolve));
  const waiting = new Map<number, Waiting>();
  let stopped: Error | null = null;
  let state: 'opening' | 'open' | 'closing' = 'opening';
  let last = OPENED;

  const answered = (id: number): Promise<EmbeddedResult> =>
    new Promise((resolve, reject) => {
      if (stopped === null) waiting.set(id, { resolve, reject });
      else reject(stopped);
    });
  // Everything is copied, nothing is handed over.
  const send = (request: Request): void => thread.postMessage(request, []);
  const stop = (why: string): void => {
    if (stopped !== null) return;
    stopped = new Error(why);
    if (state === 'open') onDeath(why);
    for (const { reject } of waiting.values()) reject(stopped);
    waiting.clear();
    void thread.terminate();
  };
  thread.on('message', (answer: Answer) => {
    if (answer.kind === 'died') return stop(answer.why);
    const one = waiting.get(answer.id);
    waiting.delete(answer.id);
    if (answer.kind === 'done') one?.resolve(answer.result);
    else one?.reject(Object.assign(new Error(answer.message), answer.fields));
  });
  thread.on('messageerror', ({ message }) => stop(`its thread sent what cannot be read: ${message}`));
  thread.on('error', ({ message }) => stop(`its thread failed: ${message}`));
  thread.on('exit', (code) => stop(`its thread has ended with exit code ${code}`));

  await answered(OPENED);
  state = 'open';
  return {
    query(sql, parameters) {
      last += 1;
      const result = answered(last);
      send({ id: last, kind: 'query', sql, parameters });
      return result;
    },
    async close() {
      state = 'closing';
      last += 1;
      send({ id: last, kind: 'close' });
      await ended;
    },
  };
}
