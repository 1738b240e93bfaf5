const TICKS_PER_MS = 10_000n;
const DATETIME =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,7})\d*)?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/i;

/** The canonical text of a datetime (UTC, seven digits); null when the text is none. */
export function parseDatetime(text: string): string | null {
  const match = DATETIME.exec(text.trim());
  if (match === null) return null;
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] = match;
  const offset = zone.toUpperCase() === 'Z' ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(-2)}`;
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${offset}`);
  if (Number.isNaN(ms)) return null;
  return `${new Date(ms).toISOString().slice(0, 19)}.${fraction.padEnd(7, '0')}Z`;
}

export function datetimeOfDate(date: Date): string {
  return `${date.toISOString().slice(0, -1)}0000Z`;
}

/** 100-ns ticks since 1970. */
export function ticksOfDatetime(text: string): bigint {
  return BigInt(Date.parse(`${text.slice(0, 19)}Z`)) * TICKS_PER_MS + BigInt(text.slice(20, 27));
}

export function datetimeOfTicks(ticks: bigint): string {
  const inSecond = ((ticks % 10_000_000n) + 10_000_000n) % 10_000_000n;
  const ms = Number((ticks - inSecond) / TICKS_PER_MS);
  return `${new Date(ms).toISOString().slice(0, 19)}.${inSecond.toString().padStart(7, '0')}Z`;
}

/** As the API writes a datetime: without zeros at the end of the fraction. */
export function wireDatetime(text: string): string {
  return text.replace(/\.?(?<!0)0+Z$/, 'Z');
}

const UNITS: Readonly<Record<string, number>> = {
  d: 864e9,
  day: 864e9,
  days: 864e9,
  h: 36e9,
  hr: 36e9,
  hrs: 36e9,
  hour: 36e9,
  hours: 36e9,
  m: 6e8,
  min: 6e8,
  minute: 6e8,
  minutes: 6e8,
  s: 1e7,
  sec: 1e7,
  second: 1e7,
  seconds: 1e7,
  ms: 1e4,
  milli: 1e4,
  millis: 1e4,
  millisecond: 1e4,
  milliseconds: 1e4,
  micro: 10,
  microsecond: 10,
  microseconds: 10,
  tick: 1,
  ticks: 1,
};

/** Ticks of `15m`, `1.5h`, `00:15:00`, `1.02:03:04.5`; null when the text is no timespan. */
export function parseTimespan(text: string): bigint | null {
  const short = /^(-?\d+(?:\.\d+)?)\s*([a-z]+)$/i.exec(text.trim());
  const unit = UNITS[(short?.[2] ?? '').toLowerCase()];
  if (unit !== undefined) return BigInt(Math.round(Number(short?.[1]) * unit));
  const long = /^(-?)(?:(\d+)\.)?(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,7}))?)?$/.exec(text.trim());
  if (long === null) return null;
  const [, sign, days = '0', hours, minutes, seconds = '0', fraction = ''] = long;
  const whole = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
  const ticks = BigInt(whole) * 10_000_000n + BigInt(fraction.padEnd(7, '0'));
  return sign === '-' ? -ticks : ticks;
}
