import type { ResolvedSettings } from './threatstream-settings.ts';

/** ISO 8601 in UTC without an offset, `null` for never, or `+90` for so many days after it is sent. */
export type Expiration = string;

const UNIT_MS = { second: 1_000, hour: 3_600_000, day: 86_400_000 };
const NEVER = 'null';

/** When an observable expires: its own end rounded up, or what the settings say for those without an end. */
export function expirationOf(
  validUntil: string | null,
  { expirationDays, expirationGranularity }: Pick<ResolvedSettings, 'expirationDays' | 'expirationGranularity'>,
): Expiration {
  const end = validUntil === null ? Number.NaN : Date.parse(validUntil);
  const unit = UNIT_MS[expirationGranularity];
  // Digits below the millisecond are lost by parsing: rounded up, they could only matter at the very start of a unit.
  if (!Number.isNaN(end)) return wire(new Date(Math.ceil(end / unit) * unit));
  return expirationDays === null ? NEVER : `+${expirationDays}`;
}

/** As `expiration_ts` has it. What counts from the sending is rounded up to a day, as its figure says. */
export function expirationTs(expiration: Expiration, sentAt: Date): string {
  if (!expiration.startsWith('+')) return expiration;
  const end = sentAt.getTime() + Number(expiration) * UNIT_MS.day;
  return wire(new Date(Math.ceil(end / UNIT_MS.day) * UNIT_MS.day));
}

function wire(time: Date): string {
  return time.toISOString().slice(0, 19);
}
