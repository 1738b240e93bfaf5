import { InvalidArgumentError } from 'commander';
import type { z } from 'zod';

/**
 * Parses an option as the configuration does: a setting is the same wherever it is made. An empty text stays one: it is a variable
 * that is not set, as Compose files have them.
 */
export function parsedBy<T>(schema: z.ZodType<T>): (text: string) => T | '' {
  const parse = setBy(schema);
  return (text) => (text === '' ? '' : parse(text));
}

/** The same for an option that no variable sets: an empty text is a mistake like any other. */
export function setBy<T>(schema: z.ZodType<T>): (text: string) => T {
  return (text) => {
    const parsed = schema.safeParse(text, { reportInput: true });
    if (parsed.success) return parsed.data;
    throw new InvalidArgumentError(`${parsed.error.issues[0]?.message ?? 'It is not understood'}.`);
  };
}
