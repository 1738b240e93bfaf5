/** What JSON can say: a `dynamic`. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/**
 * A Kusto value as it is held here. A `datetime` is its text with seven digits of a second, in UTC (so it sorts as text and
 * loses no tick), a `timespan` is a bigint of 100-ns ticks, a `dynamic` is its JSON.
 */
export type Value = Json | bigint;

export type KustoType = 'string' | 'bool' | 'int' | 'long' | 'real' | 'datetime' | 'timespan' | 'dynamic';

/** The parser's names of types; whatever else it says (a bag of known shape, unknown) is read as `dynamic`. */
export function kustoType(name: string): KustoType {
  switch (name) {
    case 'string':
    case 'bool':
    case 'int':
    case 'long':
    case 'real':
    case 'datetime':
    case 'timespan':
      return name;
    default:
      return 'dynamic';
  }
}

/** `tostring()`: null is the empty string, a dynamic string is itself, other dynamics are JSON. */
export function toText(value: Value): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint') return timespanText(value);
  if (typeof value !== 'object') return String(value);
  return value === null ? '' : JSON.stringify(value);
}

export function toNumber(value: Value): number | null {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value !== 'string' || value.trim() === '') return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

export function toWhole(value: Value): number | null {
  const number = toNumber(value);
  return number === null ? null : Math.trunc(number);
}

export function toBool(value: Value): boolean | null {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value !== 0;
  if (typeof value !== 'string') return null;
  const word = value.toLowerCase();
  if (word === 'true' || word === '1') return true;
  return word === 'false' || word === '0' ? false : null;
}

/** `parse_json()`: text that is no JSON stays text; anything else is a dynamic already. */
export function toDynamic(value: Value): Json {
  if (typeof value === 'bigint') return timespanText(value);
  if (typeof value !== 'string') return value;
  if (value === '') return null;
  const parsed = parseJson(value);
  return parsed === undefined ? value : parsed;
}

/** Undefined when the text is no JSON. */
export function parseJson(text: string): Json | undefined {
  try {
    const parsed: Json = JSON.parse(text);
    return parsed;
  } catch {
    return undefined;
  }
}

const TICKS = { day: 864_000_000_000n, hour: 36_000_000_000n, minute: 600_000_000n, second: 10_000_000n } as const;

/** `1.02:03:04.5000000`, the days and the fraction only where there are any. */
export function timespanText(ticks: bigint): string {
  const size = ticks < 0n ? -ticks : ticks;
  const two = (part: bigint): string => part.toString().padStart(2, '0');
  const days = size / TICKS.day;
  const fraction = size % TICKS.second;
  return [
    ticks < 0n ? '-' : '',
    days > 0n ? `${days}.` : '',
    `${two((size / TICKS.hour) % 24n)}:${two((size / TICKS.minute) % 60n)}:${two((size / TICKS.second) % 60n)}`,
    fraction > 0n ? `.${fraction.toString().padStart(7, '0')}` : '',
  ].join('');
}
