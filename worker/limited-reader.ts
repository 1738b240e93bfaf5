import type { SentinelReader } from '../sentinel/sentinel-reader.ts';

/**
 * At most `width` queries at once: the API runs five of one user at a time and queues the rest, whose time then runs out.
 * Urgent ones (of live runs) go first.
 */
export function limitedReader(reader: SentinelReader, width: number, isUrgent: () => boolean): SentinelReader {
  const urgent: (() => void)[] = [];
  const others: (() => void)[] = [];
  let running = 0;

  const inTurn = async <T>(query: () => Promise<T>): Promise<T> => {
    if (running >= width) await new Promise<void>((resolve) => (isUrgent() ? urgent : others).push(resolve));
    else running += 1;
    try {
      return await query();
    } finally {
      // The place goes to the next in line, or becomes free.
      const next = urgent.shift() ?? others.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };

  return {
    close: () => reader.close(),
    count: (source, part, signal) => inTurn(() => reader.count(source, part, signal)),
    estimate: (source, window, signal) => inTurn(() => reader.estimate(source, window, signal)),
    read: (source, slice, signal) => inTurn(() => reader.read(source, slice, signal)),
  };
}
