import type { Turns } from '../rates/ledger-turns.ts';
import type { SentinelReader } from './sentinel-reader.ts';

/**
 * At most `width` queries at once: the API runs five of one user at a time and queues the rest, whose time then runs out.
 * Urgent ones (of live runs) go first. `turns` does the same among several workers.
 */
export function limitedReader(
  reader: SentinelReader,
  width: number,
  isUrgent: () => boolean,
  turns: Turns = (_isUrgent, _signal, query) => query(),
): SentinelReader {
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
    close: () => reader.close(),
    count: (source, part, signal) => inTurn(signal, () => reader.count(source, part, signal)),
    estimate: (source, window, signal) => inTurn(signal, () => reader.estimate(source, window, signal)),
    read: (source, slice, signal) => inTurn(signal, () => reader.read(source, slice, signal)),
  };
}
