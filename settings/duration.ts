import { z } from 'zod';

const UNITS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
  ['w', 604_800_000],
]);
const FORM = /^(\d+(?:\.\d+)?) ?(ms|s|m|h|d|w)$/;

/** `15m`, `1.5h`, `500ms` in milliseconds; null for anything else. Units: ms, s, m, h, d, w. */
export function parseDuration(text: string): number | null {
  const [, amount, unit] = FORM.exec(text) ?? [];
  if (amount === undefined || unit === undefined) return null;
  const ms = Math.round(Number(amount) * (UNITS.get(unit) ?? Number.NaN));
  return Number.isSafeInteger(ms) ? ms : null;
}

/** A field that takes a duration as text and gives milliseconds. Its bounds are durations as text too. */
export function duration(bounds: { readonly min: string; readonly max: string }) {
  const min = parseDuration(bounds.min) ?? 0;
  const max = parseDuration(bounds.max) ?? Number.MAX_SAFE_INTEGER;
  return z
    .string({ error: expected })
    .regex(FORM, { error: expected })
    .transform((text, context) => {
      const ms = parseDuration(text);
      if (ms !== null && ms >= min && ms <= max) return ms;
      const nearest = ms !== null && ms < min ? bounds.min : bounds.max;
      const message = `expected a duration from ${bounds.min} to ${bounds.max}, found ${text}`;
      context.addIssue({ code: 'custom', message, params: { suggestion: nearest } });
      return z.NEVER;
    })
    .meta({ examples: [bounds.min] });
}

function expected({ input }: { readonly input?: unknown }): string {
  const asked = 'expected a duration such as 500ms, 90s, 15m, 6h or 2d';
  if (input === undefined) return `${asked}, but it is missing`;
  if (typeof input === 'number') return `${asked}, found ${input} without a unit`;
  return typeof input === 'string' ? `${asked}, found "${input.slice(0, 40)}"` : asked;
}
