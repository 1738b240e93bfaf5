import { isIP, isIPv4, isIPv6, SocketAddress } from 'node:net';
import { domainToASCII } from 'node:url';
import { trimmed } from './loose.ts';

const NETWORK = ['Payload delivery', 'Network activity', 'External analysis'];
const HASH = ['Payload delivery', 'Artifacts dropped', 'Payload installation', 'External analysis'];
const EMAIL = ['Payload delivery', 'Network activity', 'Social network'];
const ALL = [
  'Internal reference',
  'Targeting data',
  'Antivirus detection',
  'Payload delivery',
  'Artifacts dropped',
  'Payload installation',
  'Persistence mechanism',
  'Network activity',
  'Payload type',
  'Attribution',
  'External analysis',
  'Financial fraud',
  'Support Tool',
  'Social network',
  'Person',
  'Other',
];

interface TypeDefinition {
  readonly categories: readonly string[];
  readonly category: string;
  readonly toIds: boolean;
}

function type(categories: readonly string[], category: string, toIds = true): TypeDefinition {
  return { categories, category, toIds };
}

/** The types that are known here, of some 190. (Source: MISP 2.5, describeTypes.json as PyMISP 2.5.34 has it.) */
const TYPES: ReadonlyMap<string, TypeDefinition> = new Map([
  ['ip-dst', type(NETWORK, 'Network activity')],
  ['ip-src', type(NETWORK, 'Network activity')],
  ['domain', type(NETWORK, 'Network activity')],
  ['hostname', type(NETWORK, 'Network activity')],
  ['url', type(NETWORK, 'Network activity')],
  ['md5', type(HASH, 'Payload delivery')],
  ['sha1', type(HASH, 'Payload delivery')],
  ['sha256', type(HASH, 'Payload delivery')],
  ['email', type([...EMAIL, 'Attribution', 'Person'], 'Social network')],
  ['email-src', type(EMAIL, 'Payload delivery')],
  ['email-dst', type(EMAIL, 'Network activity')],
  ['comment', type(ALL, 'Other', false)],
  ['text', type(ALL, 'Other', false)],
  ['other', type(ALL, 'Other', false)],
]);
const CATEGORIES: ReadonlySet<string> = new Set(ALL);
const HASH_LENGTHS: Readonly<Record<string, number>> = { md5: 32, sha1: 40, sha256: 64 };

export function typeOf(name: string): TypeDefinition | null {
  return TYPES.get(name) ?? null;
}

export function isCategory(name: string): boolean {
  return CATEGORIES.has(name);
}

/**
 * A value as MISP stores it: not always what it was sent. Defanged ones are mended, hashes and hosts become lower-case, IPv6 is compressed, and
 * what lies beyond the basic plane of Unicode becomes `?`. (Sources: MISP 2.5.1, MispAttribute::beforeValidateMassage, ComplexTypeTool,
 * AttributeValidationTool::modifyBeforeValidation.)
 */
export function storedValue(name: string, sent: string): string {
  const value = refanged(name, trimmed(sent)).replaceAll(/[\u{10000}-\u{10ffff}]/gu, '?');
  if (name === 'ip-dst' || name === 'ip-src') return normalIp(value);
  if (name === 'domain') return normalDomain(value);
  if (name in HASH_LENGTHS || name.startsWith('email') || name === 'hostname') return value.toLowerCase();
  return value;
}

/** What is wrong with a value, or null. (Source: MISP 2.5.1, AttributeValidationTool::validate, MispAttribute::$validate.) */
export function valueTrouble(name: string, value: string): string | null {
  const text = trimmed(value);
  if (text === '') return 'Value cannot be empty.';
  if (/^\p{Cc}+$/u.test(value)) {
    return 'Value provided consists purely of control characters and is therefore considered to be empty.';
  }
  const length = HASH_LENGTHS[name];
  if (length !== undefined && !(value.length === length && /^[0-9a-f]+$/.test(value))) {
    return `Checksum has an invalid length or format (expected: ${length} hexadecimal characters). Please double check the value or select type "other".`;
  }
  if (name.startsWith('ip-')) return ipTrouble(value);
  if ((name === 'domain' || name === 'hostname') && !isDomain(value)) {
    return `${name === 'domain' ? 'Domain' : 'Hostname'} has an invalid format. Please double check the value or select type "other".`;
  }
  if (name.startsWith('email') && !isEmail(value)) {
    return 'Email address has an invalid format. Please double check the value or select type "other".';
  }
  if (name === 'url' && value.includes('\n')) return 'Value must not contain new line character.';
  if (Buffer.byteLength(value) > 65_535) {
    return 'The entered string is too long and would get truncated. Please consider adding the data as an attachment instead';
  }
  return null;
}

/**
 * As the database compares values: case, accents and blanks at the end make no difference, not even in a URL. (Sources: MISP 2.5.1,
 * db_schema.json: value1 is utf8mb3_unicode_ci; the MySQL manual, Unicode character sets.)
 */
export function comparable(value: string): string {
  return value
    .normalize('NFD')
    .replaceAll(/\p{Mn}/gu, '')
    .toLowerCase()
    .replace(/(?<! ) +$/, '');
}

const DEFANGED = /\[\.\]|\[dot\]|\(dot\)/g;
const DEFANGABLE = /^(?:url|ip-dst|ip-src|domain|hostname|email|email-src|email-dst)$/;

function refanged(name: string, value: string): string {
  const dotted = DEFANGABLE.test(name) ? value.replaceAll(DEFANGED, '.') : value;
  if (name === 'url') {
    return dotted
      .replace(/^(?:hxxp|hxtp|htxp|meow|h\[tt\]p)/i, 'http')
      .replaceAll('[hxxp://]', 'http://')
      .replaceAll('[:]', ':');
  }
  return name.startsWith('email') ? dotted.replaceAll(/\[@\]|\[at\]/g, '@') : dotted;
}

function normalIp(value: string): string {
  const [ip = '', range] = value.split(/\/(.*)/s);
  const address = isIPv6(ip) && !ip.includes('%') ? new SocketAddress({ address: ip, family: 'ipv6' }).address : ip;
  const isWhole = (range === '32' && value.includes('.')) || (range === '128' && value.includes(':'));
  return range === undefined || isWhole ? address : `${address}/${range}`;
}

function ipTrouble(value: string): string | null {
  const [ip = '', range, ...more] = value.split('/');
  if (ip.includes('%') || (isIP(ip) === 0 && range === undefined)) return 'IP address has an invalid format.';
  if (range === undefined) return null;
  if (more.length > 0 || !/^\d+$/.test(range)) return 'Invalid CIDR notation value found.';
  if (isIP(ip) === 0) return 'IP address has an invalid format.';
  const most = isIPv4(ip) ? 32 : 128;
  return Number(range) > most
    ? `Invalid CIDR notation value found, for IPv${most === 32 ? 4 : 6} must be lower or equal ${most}.`
    : null;
}

/** As MISP's own pattern, `^.\S*@.*\..*$`. */
function isEmail(value: string): boolean {
  const at = value.indexOf('@', 1);
  return at > 0 && !/\s/.test(value.slice(1, at)) && !value.includes('\n') && value.includes('.', at);
}

function isDomain(value: string): boolean {
  return /^[A-Z0-9.\-_]+\.[A-Z0-9-]{2,}$/i.test(value);
}

function normalDomain(value: string): string {
  const host = value.toLowerCase().replaceAll(/^\.+|(?<!\.)\.+$/g, '');
  return isDomain(host) ? host : domainToASCII(host) || host;
}
