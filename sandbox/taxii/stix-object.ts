import { z } from 'zod';

/** What a collection holds: whatever it was sent that has an id. */
export const stixObject = z.record(z.string(), z.unknown()).and(z.object({ id: z.string() }));
export type StixObject = z.infer<typeof stixObject>;

/** A property, where it is a text. */
export function textOf(object: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = object[name];
  return typeof value === 'string' ? value : undefined;
}

/** `indicator`, of `indicator--…`. */
export function typeOf(id: string): string {
  return id.split('--')[0] ?? id;
}

const QUOTED = /\s*'((?:[^'\\]|\\[\s\S])*)'/y;

/** The observable that an indicator is about: the first value of its pattern, else the pattern as it is. Null for all other objects. */
export function observableOf(object: StixObject): string | null {
  const pattern = textOf(object, 'pattern');
  if (pattern === undefined || typeOf(object.id) !== 'indicator') return null;
  QUOTED.lastIndex = pattern.indexOf('=') + 1;
  const [, quoted] = QUOTED.exec(pattern) ?? [];
  return quoted === undefined ? pattern : quoted.replaceAll(/\\([\s\S])/g, '$1');
}
