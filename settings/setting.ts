import type { z } from 'zod';

/** What a setting without a default says of itself besides its sentence. */
export interface Said<T> {
  /** How it may look. */
  readonly example: T;
  /** Of one that may be left out: what holds then, as the end of a sentence. Absent: it may not be left out. */
  readonly otherwise?: string;
}

/**
 * A setting that may be left out, declared once: the reference, the example, the JSON Schema and the type come from it. The default is as it
 * is written in the file: a duration as text.
 */
export function setting<T extends z.ZodType>(type: T, sentence: string, given: z.core.util.NoUndefined<z.input<T>>) {
  return type.prefault(given).describe(`${sentence} Default: ${shown(given)}`);
}

/** A setting without a default. */
export function settingOf<T extends z.ZodType>(type: T, sentence: string, said: Said<z.input<T>>): T {
  const otherwise = said.otherwise === undefined ? '' : ` Default: ${said.otherwise}.`;
  return type.describe(`${sentence}${otherwise} Example: ${shown(said.example)}`).meta({ examples: [said.example] });
}

/** As YAML has it on one line. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : `[${value.map(shown).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (Object.keys(value).length === 0) return 'none';
  return `{ ${Object.entries(value)
    .map(([key, one]) => `${key}: ${shown(one)}`)
    .join(', ')} }`;
}
