import type { CanonicalResult } from './canonical-result.ts';
import { trimmedEnd } from './unwrap.ts';

const DIGITS = { md5: 32, sha1: 40, sha256: 64 } as const;
type HashType = keyof typeof DIGITS;
const BY_LENGTH: ReadonlyMap<number, HashType> = new Map([
  [32, 'md5'],
  [40, 'sha1'],
  [64, 'sha256'],
]);
/** Kinds that no destination takes, for the reason. */
const OTHER_LENGTHS: ReadonlyMap<number, string> = new Map([
  [56, 'SHA-224'],
  [96, 'SHA-384'],
  [128, 'SHA-512'],
]);

const HEX = /^[0-9a-f]+$/;
/** `D4-1D-8C…`, as some programs write bytes. */
const BYTES = /^[0-9a-f]{2}(?:-[0-9a-f]{2})+$|^[0-9a-f]{2}(?::[0-9a-f]{2})+$|^[0-9a-f]{2}(?: [0-9a-f]{2})+$/;
/** `sha-1: …`, `MD5=…`, `sha256 …`, `SHA1 hash: …`. */
const LABELLED = /^([a-z][a-z0-9/_-]{0,30}(?: hash)?)(?: ?[:=] ?| )(.+)$/;
const LABELS: ReadonlySet<string> = new Set(['md5', 'sha1', 'sha256', 'hash', 'filehash']);

/**
 * A hash in lower case. The kinds differ in their lengths, so the length decides, and what it is labelled as does not. A label that
 * names yet another kind is believed: an imphash has as many digits as an MD5.
 */
export function canonicalHash(type: HashType, text: string): CanonicalResult {
  const lower = trimmedEnd(text.toLowerCase().replace(/ {2,}/g, ' '), ',;');
  const labelled = BYTES.test(lower) ? null : LABELLED.exec(lower);
  const [, label = 'hash', rest = lower] = labelled ?? [];
  if (!LABELS.has(label.replace(/ hash$/, '').replace(/[/_-]/g, ''))) {
    return { ok: false, reason: 'not a hash, or labelled as one of a kind that is not supported' };
  }
  const value = BYTES.test(rest) ? rest.replace(/[-: ]/g, '') : rest;
  if (!HEX.test(value)) return { ok: false, reason: notOne(type) };
  const kind = BY_LENGTH.get(value.length);
  if (kind === undefined) {
    const other = OTHER_LENGTHS.get(value.length);
    return { ok: false, reason: other === undefined ? notOne(type) : `${notOne(type)}: ${other} is not supported` };
  }
  return { ok: true, key: { type: kind, value }, ...(kind === type ? {} : { note: 'hash-kind-by-length' }) };
}

function notOne(type: HashType): string {
  return `not ${DIGITS[type]} hexadecimal digits, as ${type} has`;
}
