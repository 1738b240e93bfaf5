import { domainToASCII } from 'node:url';
import ipaddr from 'ipaddr.js';
import { canonicalKey } from './canonical.ts';
import { type IndicatorType, THREATS } from './indicator.ts';
import { hasWildcard, matches, plainName } from './name-patterns.ts';
import { refang, refangHost } from './refang.ts';
import { threatNamed } from './threat.ts';
import { isTlpTag } from './tlp.ts';

/** The exclusion lists of a policy, in the order in which they are asked. */
export const LIST_KINDS = ['cidrs', 'domains', 'hashes', 'urls', 'emails', 'threats', 'tags'] as const;
export type ListKind = (typeof LIST_KINDS)[number];

export type EntryResult =
  /** In the form that the list compares. */
  { readonly ok: true; readonly value: string } | { readonly ok: false };

/** What an entry has to be, for the sentence about one that is not. */
export const EXPECTED: Readonly<Record<ListKind, string>> = {
  cidrs: 'a network such as 10.0.0.0/8 or 2001:db8::/32',
  domains: 'a domain such as example.com',
  hashes: 'an MD5, SHA-1 or SHA-256 of 32, 40 or 64 hexadecimal digits',
  urls: 'a URL such as https://example.com/path',
  emails: 'an e-mail address such as someone@example.com, without a * (all of a domain belong in domains)',
  threats: `a threat: one of ${THREATS.join(', ')}; * stands for any text (families and labels belong in tags)`,
  tags: 'a tag, where * stands for any text (markings such as TLP:RED belong in tlpCeiling)',
};

/** Of each kind, with room for what is written around it: nothing longer is looked at. */
const LONGEST: Readonly<Record<ListKind, number>> = {
  cidrs: 100,
  domains: 500,
  hashes: 200,
  urls: 10_000,
  emails: 500,
  threats: 200,
  tags: 500,
};
const LONGEST_DOMAIN = 253;
const HASH_TYPES = ['md5', 'sha1', 'sha256'] as const;
const NOT: EntryResult = { ok: false };

/** Reads an entry as indicators are read: in any case, defanged or not, a name in any script. */
export function readEntry(kind: ListKind, raw: string): EntryResult {
  const text = raw.trim();
  if (text === '' || text.length > LONGEST[kind]) return NOT;
  switch (kind) {
    case 'cidrs':
      return network(refang(text));
    case 'domains':
      return domain(refangHost(text));
    case 'hashes':
      return first(HASH_TYPES, text);
    case 'urls':
      return first(['url'], text);
    case 'emails':
      return email(text);
    case 'threats':
      return threat(text);
    case 'tags':
      // No indicator has a marking among its tags.
      return isTlpTag(text) ? NOT : name(plainName(text));
  }
}

/** The local part, too: what differs in case only is one mailbox nearly always, and must not be delivered for that. */
export function comparableEmail(address: string): string {
  return address.toLowerCase();
}

function first(types: readonly IndicatorType[], text: string): EntryResult {
  for (const type of types) {
    const canonical = canonicalKey(type, text);
    // In a row of URLs an e-mail address is read, too; among these it would never be found.
    if (canonical.ok && types.includes(canonical.key.type)) return { ok: true, value: canonical.key.value };
  }
  return NOT;
}

function email(text: string): EntryResult {
  const read = hasWildcard(text) ? NOT : first(['email'], text);
  return read.ok ? { ok: true, value: comparableEmail(read.value) } : read;
}

/** A single address is the network of that address alone; IPv4 in IPv6 clothes is IPv4, as it is in an indicator. */
function network(text: string): EntryResult {
  const cidr = text.includes('/') ? text : `${text}/${text.includes(':') ? 128 : 32}`;
  if (ipaddr.IPv4.isValidCIDRFourPartDecimal(cidr)) return { ok: true, value: cidr };
  if (!ipaddr.IPv6.isValidCIDR(cidr)) return NOT;
  const [address, bits] = ipaddr.IPv6.parseCIDR(cidr);
  if (bits < 96 || !address.isIPv4MappedAddress()) return { ok: true, value: cidr };
  return { ok: true, value: `${address.toIPv4Address().toString()}/${bits - 96}` };
}

/** As those of an indicator's host. */
const LABEL = /^[a-z0-9_-]{1,63}$/;

/** A domain; it stands for everything below it too, so `*.` and dots around it are left out. Given as lower-case ASCII. */
function domain(text: string): EntryResult {
  const bare = text.replace(/^\*?\.|\.$/g, '').toLowerCase();
  const ascii = /^[\x21-\x7e]*$/.test(bare) ? bare : domainToASCII(bare);
  const labels = ascii.split('.');
  if (ascii.length > LONGEST_DOMAIN || /^\d+$/.test(labels.at(-1) ?? '')) return NOT;
  return labels.every((label) => LABEL.test(label)) ? { ok: true, value: ascii } : NOT;
}

/** One of our names, another word for it, or a pattern that some name fits. */
function threat(text: string): EntryResult {
  const plain = plainName(text);
  if (hasWildcard(plain)) return THREATS.some((known) => matches(plain, known)) ? { ok: true, value: plain } : NOT;
  const known = threatNamed(plain);
  return known === null ? NOT : { ok: true, value: known };
}

const LONGEST_NAME = 200;

function name(text: string): EntryResult {
  return text === '' || text.length > LONGEST_NAME ? NOT : { ok: true, value: text };
}
