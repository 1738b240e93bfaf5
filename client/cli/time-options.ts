import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../../config/duration.ts';

/** A date (its beginning, in UTC) or an instant, to the whole second. */
export function instant(text: string): string {
  const at = Date.parse(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text);
  if (Number.isNaN(at))
    throw new InvalidArgumentError('It must be a date such as 2026-01-31, or 2026-01-31T08:00:00Z.');
  return new Date(Math.floor(at / 1_000) * 1_000).toISOString();
}

/** A length of time such as `30s`, in milliseconds. */
export function shortLengthOfTime(text: string): number {
  const ms = parseDuration(text);
  if (ms === null) throw new InvalidArgumentError('It must be a length of time such as 30s or 5m.');
  return ms;
}

/** A length of time such as `6h`, in milliseconds. */
export function lengthOfTime(text: string): number {
  const ms = parseDuration(text);
  if (ms === null || ms < 60_000) throw new InvalidArgumentError('It must be a length of time such as 30m, 6h or 1d.');
  return ms;
}
