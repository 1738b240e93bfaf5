import { z } from 'zod';
import { parseDatetime } from '../logs/kql/time.ts';
import type { Json } from '../logs/kql/value.ts';
import { readPattern } from './stix-pattern.ts';

/** Besides indicators, those that the API takes; no marking definitions. (Source: learn.microsoft.com, "stix-objects-api".) */
const OTHER_TYPES = ['attack-pattern', 'threat-actor', 'identity', 'relationship'] as const;

const timestamp = z
  .string()
  .refine((text) => /^[\d-]+T[\d:.]+Z$/.test(text) && parseDatetime(text) !== null, 'Value is not a timestamp');
const texts = z.array(z.string(), 'Value is not a list of strings');

const common = {
  id: z.string(),
  spec_version: z.enum(['2.0', '2.1'], 'Value is not supported').optional(),
  created: timestamp,
  modified: timestamp,
  created_by_ref: z.string().optional(),
  revoked: z.boolean('Value is not a boolean').optional(),
  labels: texts.optional(),
  confidence: z.int().min(0).max(100, 'Value is not in the range of 0-100').optional(),
  lang: z.string().optional(),
  object_marking_refs: texts.optional(),
};

const indicator = z.looseObject({
  ...common,
  type: z.literal('indicator'),
  pattern: z.string().min(1, 'Value is empty'),
  pattern_type: z.string().min(1, 'Value is empty'),
  valid_from: timestamp,
  valid_until: timestamp.optional(),
});
const other = z.looseObject({ ...common, type: z.enum(OTHER_TYPES, 'Value is not supported') });

/** An indicator that the API takes. (Source of what it has: learn.microsoft.com, "stix-objects-api".) */
export type Indicator = z.infer<typeof indicator>;
export type StixObject = Indicator | z.infer<typeof other>;

/** An object as it is kept. */
export const stixObject: z.ZodType<StixObject> = z.union([indicator, other]);

type Checked =
  | { readonly ok: true; readonly object: StixObject }
  /** As the API lists them. */
  | { readonly ok: false; readonly errors: readonly string[] };

/**
 * Checks an object as the API does. (Source of what is required, and of the words of a missing property: learn.microsoft.com,
 * "stix-objects-api". The other words are UNCONFIRMED.)
 */
export function checkObject(input: Json): Checked {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return { ok: false, errors: ['The record is not a STIX object.'] };
  }
  const read = Reflect.get(input, 'type') === 'indicator' ? indicator.safeParse(input) : other.safeParse(input);
  if (read.success) {
    const errors = contradictions(read.data);
    return errors.length === 0 ? { ok: true, object: read.data } : { ok: false, errors };
  }
  const errors = read.error.issues.map(({ path, message }) => {
    const property = String(path[0]);
    return errorOf(property, Reflect.get(input, property), message);
  });
  return { ok: false, errors };
}

export function isIndicator(object: StixObject): object is Indicator {
  return object.type === 'indicator';
}

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

function contradictions(object: StixObject): readonly string[] {
  const { id, type, created, modified } = object;
  const errors: string[] = [];
  const prefix = `${type}--`;
  if (!id.startsWith(prefix) || !UUID.test(id.slice(prefix.length)))
    errors.push(errorOf('id', id, 'Value is not an identifier of the type'));
  // STIX 2.1, 3.2.
  if (instant(modified) < instant(created))
    errors.push(errorOf('modified', modified, 'Value must be later than or equal to created'));
  if (!isIndicator(object)) return errors;
  const { valid_from: from, valid_until: until, pattern, pattern_type: language } = object;
  if (until !== undefined && instant(until) <= instant(from))
    errors.push(errorOf('valid_until', until, 'Value must be greater than valid_from'));
  if (language === 'stix' && readPattern(pattern) === null)
    errors.push(errorOf('pattern', pattern, 'Value does not match the pattern type'));
  return errors;
}

/** Seven-digit text, which sorts as the time does. */
export function instant(text: string): string {
  return parseDatetime(text) ?? '';
}

function errorOf(property: string, value: unknown, why: string): string {
  const actual =
    typeof value === 'string' ? value : value === undefined || value === null ? 'NULL' : JSON.stringify(value);
  return `Error for Property=${property}: ${value === undefined ? 'Required property is missing' : why}. Actual value: ${actual}.`;
}
