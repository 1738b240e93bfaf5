import type { Window } from './window.ts';

/** The parts of `[from, to)` that no window covers, in order. The windows may overlap and be in any order. */
export function missing(covered: readonly Window[], from: string, to: string): readonly Window[] {
  const end = Date.parse(to);
  const gaps: Window[] = [];
  let reached = Date.parse(from);
  for (const window of covered.toSorted((a, b) => Date.parse(a.from) - Date.parse(b.from))) {
    const start = Math.min(Date.parse(window.from), end);
    if (start > reached) gaps.push(interval(reached, start));
    reached = Math.max(reached, Date.parse(window.to));
  }
  if (reached < end) gaps.push(interval(reached, end));
  return gaps;
}

/** The window in parts of at most `lengthMs`, cut at multiples of it since the epoch, so that planning again cuts alike. */
export function split(window: Window, lengthMs: number): readonly Window[] {
  const end = Date.parse(window.to);
  const parts: Window[] = [];
  for (let start = Date.parse(window.from); start < end; ) {
    const next = Math.min(end, (Math.floor(start / lengthMs) + 1) * lengthMs);
    parts.push(interval(start, next));
    start = next;
  }
  return parts;
}

function interval(from: number, to: number): Window {
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
}
