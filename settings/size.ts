import { z } from 'zod';

const UNITS: ReadonlyMap<string, number> = new Map([
  ['KiB', 1_024],
  ['MiB', 1_048_576],
]);
const FORM = /^(\d{1,9}) ?(KiB|MiB)$/;

/** `64MiB`, `512KiB` in bytes; null for anything else. */
export function parseSize(text: string): number | null {
  const [, amount, unit] = FORM.exec(text) ?? [];
  return amount === undefined || unit === undefined ? null : Number(amount) * (UNITS.get(unit) ?? Number.NaN);
}

/** A field that takes a size as text and gives bytes. Its bounds are sizes as text too. */
export function size(bounds: { readonly min: string; readonly max: string }) {
  const min = parseSize(bounds.min) ?? 0;
  const max = parseSize(bounds.max) ?? Number.MAX_SAFE_INTEGER;
  return z
    .string({ error: expected })
    .regex(FORM, { error: expected })
    .transform((text, context) => {
      const bytes = parseSize(text);
      if (bytes !== null && bytes >= min && bytes <= max) return bytes;
      const nearest = bytes !== null && bytes < min ? bounds.min : bounds.max;
      const message = `expected a size from ${bounds.min} to ${bounds.max}, found ${text}`;
      context.addIssue({ code: 'custom', message, params: { suggestion: nearest } });
      return z.NEVER;
    })
    .meta({ examples: [bounds.min] });
}

function expected({ input }: { readonly input?: unknown }): string {
  const asked = 'expected a size such as 512KiB or 64MiB';
  if (input === undefined) return `${asked}, but it is missing`;
  if (typeof input === 'number') return `${asked}, found ${input} without a unit`;
  return typeof input === 'string' ? `${asked}, found "${input.slice(0, 40)}"` : asked;
}
