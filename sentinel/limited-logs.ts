import type { Turns } from '../rates/ledger-turns.ts';
import type { LogsClient } from './logs-client.ts';

/**
 * At most `width` queries at once: the API runs five of one user at a time and queues the rest, whose time then runs out.
 * Urgent ones (of live runs) go first. `turns` does the same among several workers.
 */
export function limitedLogs(
  logs: LogsClient,
  width: number,
  isUrgent: () => boolean,
  turns: Turns = (_isUrgent, _signal, query) => query(),
): LogsClient {
  const urgent: (() => void)[] = [];
  const others: (() => void)[] = [];
  let running = 0;

  const inTurn = async <T>(signal: AbortSignal, query: () => Promise<T>): Promise<T> => {
    const goesFirst = isUrgent();
    if (running >= width) await new Promise<void>((resolve) => (goesFirst ? urgent : others).push(resolve));
    else running += 1;
    try {
      signal.throwIfAborted();
      return await turns(goesFirst, signal, query);
    } finally {
      // The place goes to the next in line, or becomes free.
      const next = urgent.shift() ?? others.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };

  return {
    close: () => logs.close(),
    ask: (question, signal) => inTurn(signal, () => logs.ask(question, signal)),
  };
}
