import { secondText } from './second-text.ts';

export interface Interval {
  /** Milliseconds since 1970. */
  readonly from: number;
  /** After `from`; itself not part of the interval. */
  readonly to: number;
}

/** When each of `count` rows is ingested: evenly over the interval, to the tick, as seven-digit text. */
export function createIngestionClock({ from, to }: Interval, count: number): (row: number, lagMs?: number) => string {
  return (row, lagMs = 0) => {
    // The offset alone keeps its ticks exact: a date in milliseconds has no room for them.
    const offset = ((row + 0.5) * (to - from)) / count;
    const ms = from - lagMs + Math.floor(offset);
    const ticks = (ms - Math.floor(ms / 1_000) * 1_000) * 10_000 + Math.floor((offset % 1) * 10_000);
    return `${secondText(ms)}.${String(ticks).padStart(7, '0')}Z`;
  };
}
