/** How PHP takes what JSON brings: MISP is lenient about kinds of values in just this way. (Source: the PHP manual, type juggling.) */

type Fields = Readonly<Record<string, unknown>>;

/** As text; null for what is not there, or is a list or an object. */
export function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? '1' : '';
  return null;
}

/** Whether it counts as true: `"0"`, `""` and an empty list do not. */
export function isTrue(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === 0 || value === '' || value === '0')
    return false;
  return !Array.isArray(value) || value.length > 0;
}

export function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An object, or one without anything. */
export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}

/** The objects of a list, or of an object that has them by number. */
export function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return isFields(value) ? Object.values(value) : [];
}

/** A number that is written as one. */
export function isNumeric(text: string): boolean {
  return /^\d{1,15}$/.test(text);
}

/** What the database makes of a text where it wants a number: `3f…` is 3. (Source: the MySQL manual, type conversion in expressions.) */
export function asId(text: string): number {
  return Number(/^\d{1,15}/.exec(text)?.[0] ?? 0);
}

/** As PHP's `trim`: not of every blank that there is. */
export function trimmed(text: string): string {
  return text.replaceAll(/^[ \t\n\r\0\v]+|(?<![ \t\n\r\0\v])[ \t\n\r\0\v]+$/g, '');
}
