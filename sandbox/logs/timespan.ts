import { datetimeOfDate, datetimeOfTicks, parseDatetime, ticksOfDatetime } from './kql/time.ts';

export interface TimespanBounds {
  readonly from: string | null;
  readonly to: string | null;
}

/**
 * The request's `timespan`: `start/end`, `start/duration`, `duration/end`, or a duration that ends now (ISO 8601). Null when it is none
 * of these; without bounds when there is none.
 */
export function timespanBounds(timespan: string | undefined, now: Date): TimespanBounds | null {
  if (timespan === undefined || timespan === '') return { from: null, to: null };
  const [first = '', second] = timespan.split('/');
  const [start, length] = [parseDatetime(first), durationTicks(first)];
  if (second === undefined) return length === null ? null : { from: moved(datetimeOfDate(now), -length), to: null };
  const [end, lengthAfter] = [parseDatetime(second), durationTicks(second)];
  if (start !== null && end !== null) return { from: start, to: end };
  if (start !== null && lengthAfter !== null) return { from: start, to: moved(start, lengthAfter) };
  return length !== null && end !== null ? { from: moved(end, -length), to: end } : null;
}

function moved(datetime: string, ticks: bigint): string {
  return datetimeOfTicks(ticksOfDatetime(datetime) + ticks);
}

function durationTicks(text: string): bigint | null {
  const match = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(text);
  if (match === null || text.endsWith('P') || text.endsWith('T')) return null;
  const [weeks, days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  const whole = (((weeks ?? 0) * 7 + (days ?? 0)) * 24 + (hours ?? 0)) * 3_600 + (minutes ?? 0) * 60;
  return BigInt(whole) * 10_000_000n + BigInt(Math.round((seconds ?? 0) * 1e7));
}
