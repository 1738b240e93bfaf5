export interface Interval {
  /** Milliseconds since 1970. */
  readonly from: number;
  /** After `from`; itself not part of the interval. */
  readonly to: number;
}

/** When each of `count` rows is ingested: evenly over the interval, to the tick, as seven-digit text. */
export function createIngestionClock({ from, to }: Interval, count: number): (row: number, lagMs?: number) => string {
  let second = Number.NaN;
  let prefix = '';
  return (row, lagMs = 0) => {
    // The offset alone keeps its ticks exact: a date in milliseconds has no room for them.
    const offset = ((row + 0.5) * (to - from)) / count;
    const ms = from - lagMs + Math.floor(offset);
    const newSecond = Math.floor(ms / 1_000);
    // Neighbours are mostly of the same second.
    if (newSecond !== second) {
      second = newSecond;
      prefix = new Date(newSecond * 1_000).toISOString().slice(0, 20);
    }
    const ticks = (ms - newSecond * 1_000) * 10_000 + Math.floor((offset % 1) * 10_000);
    return `${prefix}${String(ticks).padStart(7, '0')}Z`;
  };
}
