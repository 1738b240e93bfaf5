import type { ResolvedSettings } from './threatstream-settings.ts';

/** ISO 8601 in UTC without an offset, `null` for never, or `+90` for so many days after it is sent. */
export type Expiration = string;

const UNIT_MS = { second: 1_000, hour: 3_600_000, day: 86_400_000 };
const NEVER = 'null';

/** The last instant that `YYYY-MM-DD` can say. */
const LAST = Date.parse('9999-12-31T23:59:59.999Z');

/** When an observable expires: its own end rounded up, or what the settings say for those without an end. */
export function expirationOf(
  validUntil: string | null,
  { expirationDays, expirationGranularity }: Pick<ResolvedSettings, 'expirationDays' | 'expirationGranularity'>,
): Expiration {
  const end = validUntil === null ? Number.NaN : Date.parse(validUntil);
  const rounded = roundedUp(end, expirationGranularity);
  // An end beyond all years is none, and NaN is not within them either.
  if (rounded <= LAST) return wire(rounded);
  return expirationDays === undefined ? NEVER : `+${expirationDays}`;
}

/** Digits below the millisecond are lost by parsing: rounded up, they could only matter at the very start of a unit. */
function roundedUp(end: number, granularity: ResolvedSettings['expirationGranularity']): number {
  if (granularity === 'month') {
    const date = new Date(end);
    const start = Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
    return start === end ? end : Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
  }
  // What shares nothing with others need not be rounded further than a day is long.
  const unit = UNIT_MS[granularity === 'none' ? 'day' : granularity];
  return Math.ceil(end / unit) * unit;
}

/** As `expiration_ts` has it. What counts from the sending is rounded up to a day, as its figure says. */
export function expirationTs(expiration: Expiration, sentAt: Date): string {
  if (!expiration.startsWith('+')) return expiration;
  const end = sentAt.getTime() + Number(expiration) * UNIT_MS.day;
  return wire(Math.ceil(end / UNIT_MS.day) * UNIT_MS.day);
}

/** The one after which none of these has a right to be held. */
export function latest(expirations: readonly Expiration[], sentAt: Date): string {
  const ends = expirations.map((one) => expirationTs(one, sentAt));
  return ends.includes(NEVER) ? NEVER : (ends.toSorted().at(-1) ?? NEVER);
}

/** As an observable shows it: years on end stand for never. (Source: a client writes never as 9999-12-31.) */
export function isSameEnd(shown: string | null, expiration: Expiration): boolean {
  const end = shown === null ? Number.NaN : Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/i.test(shown) ? shown : `${shown}Z`);
  const isNever = Number.isNaN(end) || new Date(end).getUTCFullYear() >= 9999;
  // What counts from the sending is not to be told again from what is shown.
  if (expiration.startsWith('+')) return !isNever;
  return expiration === NEVER ? isNever : Math.abs(end - Date.parse(`${expiration}Z`)) < UNIT_MS.second;
}

/** Never, from where four digits cannot say the year. */
function wire(time: number): string {
  return time <= LAST ? new Date(time).toISOString().slice(0, 19) : NEVER;
}
