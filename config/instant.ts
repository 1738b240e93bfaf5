/** The first that an option or a setting may name: the service that is read is younger. */
const EARLIEST = Date.UTC(2000, 0, 1);
/** Whoever writes the end of today, in whatever zone, is not wrong. */
const AHEAD_MS = 2 * 86_400_000;

const FORM =
  /^(?<day>\d{4}-\d{2}-\d{2})(?:[Tt ](?<clock>\d{2}:\d{2}(?::\d{2})?)(?:\.(?<fraction>\d{1,9}))?(?<zone>[Zz]|[+-]\d{2}:\d{2})?)?$/;

export const INSTANT_EXAMPLES = '2026-01-31 (its beginning, in UTC) or 2026-01-31T08:00:00Z';

export type Instant =
  | { readonly ok: true; readonly at: Date }
  /** What is wrong with it, to stand after "expected …, ". */
  | { readonly ok: false; readonly problem: string };

/**
 * A date, which is its beginning in UTC, or an instant with its zone. Nothing is made of a text that it does not say: no day that its
 * month does not have, no zone of whoever runs the command, no bare number.
 */
export function parseInstant(text: string, now: Date): Instant {
  const parts = FORM.exec(text)?.groups;
  if (parts === undefined) return { ok: false, problem: `found "${text.slice(0, 40)}"` };
  const { day = '', clock, fraction = '', zone } = parts;
  const midnight = new Date(`${day}T00:00:00Z`);
  // A day that the month does not have would roll over to the next.
  if (Number.isNaN(midnight.getTime()) || !midnight.toISOString().startsWith(day)) {
    return { ok: false, problem: `and there is no day ${day}` };
  }
  if (clock !== undefined && zone === undefined) {
    return { ok: false, problem: `and "${text}" has no zone: end it with Z for UTC, or with its offset, as +02:00` };
  }
  const [hours = 0, minutes = 0, seconds = 0] = (clock ?? '').split(':').map(Number);
  if (hours > 23 || minutes > 59 || seconds > 59) return { ok: false, problem: `and there is no time ${clock ?? ''}` };
  const [, sign = '+', zoneHours = '0', zoneMinutes = '0'] = /^([+-])(\d{2}):(\d{2})$/.exec(zone ?? '') ?? [];
  // The zones of the world end at +14:00 and -12:00. (Source: the IANA time zone database.)
  const offsetMinutes = (sign === '-' ? -1 : 1) * (Number(zoneHours) * 60 + Number(zoneMinutes));
  if (Number(zoneMinutes) > 59 || offsetMinutes > 14 * 60 || offsetMinutes < -12 * 60) {
    return { ok: false, problem: `and there is no zone ${zone ?? ''}` };
  }
  const sinceMidnight = ((hours * 60 + minutes - offsetMinutes) * 60 + seconds) * 1_000;
  const at = midnight.getTime() + sinceMidnight + Math.floor(Number(`0.${fraction || '0'}`) * 1_000);
  if (at < EARLIEST) return { ok: false, problem: `and ${text} is before 2000` };
  if (at > now.getTime() + AHEAD_MS) return { ok: false, problem: `and ${text} is in the future` };
  return { ok: true, at: new Date(at) };
}
