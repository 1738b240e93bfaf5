import { InvalidArgumentError } from 'commander';
import type { z } from 'zod';

/**
 * Parses an option as the configuration does: a setting is the same wherever it is made. An empty text stays one: it is a variable
 * that is not set, as Compose files have them.
 */
export function parsedBy<T>(schema: z.ZodType<T>): (text: string) => T | '' {
  return (text) => {
    if (text === '') return '';
    const parsed = schema.safeParse(text, { reportInput: true });
    if (parsed.success) return parsed.data;
    throw new InvalidArgumentError(`${parsed.error.issues[0]?.message ?? 'It is not understood'}.`);
  };
}
