import { InvalidArgumentError } from 'commander';

/** A whole number, 1 or more. */
export function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It must be a whole number, 1 or more.');
  return value;
}

/** A whole number, 0 or more. */
export function countOrNone(text: string): number {
  return text === '0' ? 0 : count(text);
}

/** Several, with commas between. */
export function counts(text: string): readonly number[] {
  return text.split(',').map(count);
}

/** A number above 0. */
export function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}
