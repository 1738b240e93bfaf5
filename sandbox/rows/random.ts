/**
 * An unsigned 32-bit number that depends on all three and looks random: the same seed gives the same rows, whichever are asked
 * for and in whatever order.
 */
export function random(seed: number, index: number, purpose: number): number {
  let hash = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(purpose + 1, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 15) ^ index, 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  hash = Math.imul(hash ^ (hash >>> 15) ^ Math.imul(index, 0x165667b1), 0x27d4eb2f);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** One of the choices. */
export function pick<T>(choices: readonly [T, ...T[]], number: number): T {
  return choices[number % choices.length] ?? choices[0];
}

const FOUR_DIGITS = Array.from({ length: 65_536 }, (_, number) => number.toString(16).padStart(4, '0'));

/** `length` hexadecimal digits. */
export function hexDigits(seed: number, index: number, purpose: number, length: number): string {
  let digits = '';
  for (let word = 0; digits.length < length; word += 1) {
    const number = random(seed, index, purpose * 16 + word);
    digits += `${FOUR_DIGITS[number >>> 16] ?? ''}${FOUR_DIGITS[number & 65_535] ?? ''}`;
  }
  return digits.slice(0, length);
}

/** A UUID of version 4 by its form. */
export function uuid(seed: number, index: number, purpose: number): string {
  const digits = hexDigits(seed, index, purpose, 32);
  const variant = '89ab'[Number.parseInt(digits.charAt(16), 16) % 4] ?? '8';
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-${variant}${digits.slice(17, 20)}-${digits.slice(20)}`;
}
