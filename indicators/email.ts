import type { CanonicalResult } from './canonical-result.ts';
import { canonicalHost } from './host.ts';
import { refangHost } from './refang.ts';
import { trimmedEnd } from './unwrap.ts';

const LONGEST = 320;
/** Some write two slashes, as other links have them. */
const MAILTO = /^mailto:(?:\/\/)?/i;

/** Whether the text is a link that writes to an address. */
export function isMailto(text: string): boolean {
  return MAILTO.test(text);
}

/** The local part is kept: its case can matter. Quoted local parts are refused, and nobody has them. */
export function canonicalEmail(written: string): CanonicalResult {
  const text = address(refangHost(written));
  const at = text.lastIndexOf('@');
  const local = text.slice(0, Math.max(at, 0));
  if (text.length > LONGEST || !/^[^\s<>@()[\]{},;:\\"]+$/.test(local))
    return { ok: false, reason: 'not an e-mail address' };
  const place = text.slice(at + 1);
  const literal = /^\[(?:IPv6:)?([^\]]*)\]$/i.exec(place)?.[1];
  const host = canonicalHost(literal ?? place);
  if (!host.ok || (literal === undefined) !== (host.key.type === 'domain')) {
    return { ok: false, reason: 'the domain of the e-mail address is not valid' };
  }
  const { type, value } = host.key;
  const shown = type === 'domain' ? value : type === 'ipv4' ? `[${value}]` : `[IPv6:${value}]`;
  return { ok: true, key: { type: 'email', value: `${local}@${shown}` } };
}

/** Also of `mailto:a@b.example?subject=…`. */
function address(text: string): string {
  if (!isMailto(text)) return trimmedEnd(text, ',;');
  const [whole = ''] = text.replace(MAILTO, '').split('?');
  return trimmedEnd(whole, ',;');
}
