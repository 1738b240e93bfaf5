import type { Json, Value } from './value.ts';

/** `value.key` or `value[key]` of a dynamic: null where there is nothing. A negative index counts from the end. */
export function member(value: Value, key: string | number): Json {
  if (typeof value !== 'object' || value === null) return null;
  if (isList(value)) return typeof key === 'number' ? (value.at(key) ?? null) : null;
  return typeof key === 'string' && Object.hasOwn(value, key) ? (value[key] ?? null) : null;
}

/** `Array.isArray` does not narrow a read-only array. */
function isList(value: Value): value is readonly Json[] {
  return Array.isArray(value);
}
