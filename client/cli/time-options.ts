import { InvalidArgumentError } from 'commander';
import { INSTANT_EXAMPLES, parseInstant } from '../../config/instant.ts';
import { parseDuration } from '../../settings/duration.ts';

/** A date (its beginning, in UTC) or an instant with its zone, to the whole second. */
export function instant(text: string): string {
  return new Date(Math.floor(exactInstant(text).getTime() / 1_000) * 1_000).toISOString();
}

/** A date (its beginning, in UTC) or an instant with its zone, to the millisecond: a window's bounds may have some. */
export function exactInstant(text: string): Date {
  const parsed = parseInstant(text, new Date());
  if (parsed.ok) return parsed.at;
  throw new InvalidArgumentError(`Expected ${INSTANT_EXAMPLES}, ${parsed.problem}.`);
}

/** A length of time such as `6h`, in milliseconds. Its bounds are lengths, too. */
export function lengthOfTime(bounds: { readonly min: string; readonly max: string }): (text: string) => number {
  return (text) => {
    const ms = parseDuration(text);
    if (ms !== null && ms >= (parseDuration(bounds.min) ?? 0) && ms <= (parseDuration(bounds.max) ?? 0)) return ms;
    throw new InvalidArgumentError(
      `It must be a length of time from ${bounds.min} to ${bounds.max}, such as 30m or 6h.`,
    );
  };
}
