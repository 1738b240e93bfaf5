import type { Window } from './window.ts';

/** The parts of `[from, to)` that no window covers, in order. The windows may overlap and be in any order. */
export function missing(covered: readonly Window[], from: string, to: string): readonly Window[] {
  const end = at(to);
  const gaps: Window[] = [];
  let reached = at(from);
  const spans = covered
    .map((window) => ({ start: at(window.from), stop: at(window.to) }))
    .filter(({ start, stop }) => start < stop)
    .sort((a, b) => a.start - b.start);
  for (const { start, stop } of spans) {
    if (reached >= end) break;
    if (start > reached) gaps.push(interval(reached, Math.min(start, end)));
    reached = Math.max(reached, stop);
  }
  if (reached < end) gaps.push(interval(reached, end));
  return gaps;
}

/** The window in parts of at most `lengthMs`, cut at multiples of it since the epoch, so that planning again cuts alike. */
export function split(window: Window, lengthMs: number): readonly Window[] {
  if (!(lengthMs >= 1)) throw new RangeError('The length of a window is not a positive number of milliseconds.');
  const end = at(window.to);
  const parts: Window[] = [];
  for (let start = at(window.from); start < end; ) {
    const next = Math.min(end, (Math.floor(start / lengthMs) + 1) * lengthMs);
    parts.push(interval(start, next));
    start = next;
  }
  return parts;
}

/** The window in parts, cut at those of the times that lie inside it. */
export function cutAt(window: Window, times: readonly string[]): readonly Window[] {
  const [start, end] = [at(window.from), at(window.to)];
  const cuts = [...new Set(times.map(at))].filter((time) => time > start && time < end).sort((a, b) => a - b);
  return [...cuts, end].map((to, index) => interval(cuts[index - 1] ?? start, to));
}

/** A bound that is no time would make a gap vanish, so it stops the planning. */
function at(time: string): number {
  const ms = Date.parse(time);
  if (Number.isNaN(ms)) throw new RangeError('A bound of a window is not an ISO 8601 time.');
  return ms;
}

function interval(from: number, to: number): Window {
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
}
