import { createHash } from 'node:crypto';

/** Pseudo-random numbers in [0, 1) that depend on the text alone: the same text, the same numbers. */
export function drawsFrom(text: string): () => number {
  let state = createHash('sha256').update(text).digest().readUInt32LE(0);
  // mulberry32 (public domain, Tommy Ettinger): small, and even enough for made-up data.
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A copy in another order, drawn. */
export function shuffled<T>(items: readonly T[], draw: () => number): T[] {
  return items
    .map((item) => [draw(), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item);
}
