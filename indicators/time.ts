/** ISO 8601 as Kusto writes it, with up to nine digits of a second; a missing offset means UTC. */
const ISO = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}:[0-5]\d:[0-5]\d)(?:\.(\d{1,9}))?(Z|[+-]\d{2}:?\d{2})?$/i;
const HOUR = /^(?:[01]\d|2[0-3])/;

/**
 * The time as `YYYY-MM-DDTHH:mm:ss.fffffffZ`: of fixed width, so that the order of the texts is the order of the times, and with
 * all seven digits, which a JavaScript date would cut to three. Null when it is no time.
 */
export function sourceTime(text: string): string | null {
  const match = ISO.exec(text.trim());
  if (match === null) return null;
  const [, year = '', month = '', day = '', clock = '', fraction = '', offset = 'Z'] = match;
  if (!HOUR.test(clock) || !isDay(Number(year), Number(month), Number(day))) return null;
  const digits = fraction.slice(0, 7).padEnd(7, '0');
  const local = `${year}-${month}-${day}T${clock}`;
  if (offset === 'Z' || offset === 'z') return `${local}.${digits}Z`;
  const time = Date.parse(`${local}${offset}`);
  if (Number.isNaN(time)) return null;
  // An offset can move it out of the four digits of a year.
  if (time < FIRST) return FIRST_TEXT;
  if (time > LAST) return LAST_TEXT;
  return `${new Date(time).toISOString().slice(0, 19)}.${digits}Z`;
}

const FIRST_TEXT = '0000-01-01T00:00:00.0000000Z';
const LAST_TEXT = '9999-12-31T23:59:59.9999999Z';
const FIRST = Date.parse(FIRST_TEXT);
const LAST = Date.parse(LAST_TEXT);

/**
 * A source time, or null when it stands for none: whoever has none writes the first instant that he knows (0001 in .NET and Kusto, 1601 in
 * Windows, 1900 in spreadsheets, 1970 in Unix, 1980 on old disks), and nobody had indicators then.
 */
export function realTime(time: string): string | null {
  return time < FIRST_REAL ? null : time;
}

const FIRST_REAL = '1980-01-03';

/**
 * A source time as an end: null for never. An end in the last year that four digits can say is nobody's forecast: .NET and Kusto write
 * the last instant that they know for "never", and others its day.
 */
export function sourceEnd(time: string): string | null {
  return time.startsWith('9999-') ? null : time;
}

function isDay(year: number, month: number, day: number): boolean {
  return month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
