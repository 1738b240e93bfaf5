import { canonicalKey } from './canonical.ts';
import { createListOfEntries, type ListOfEntries } from './exclusion-list.ts';
import { INDICATOR_TYPES, type IndicatorKey, type IndicatorType } from './indicator.ts';
import { comparableEmail, type ListKind } from './list-entry.ts';
import { createSubstrings, MOST_CHARACTERS } from './substrings.ts';

/** How the entries of a MISP warning list are compared. Its `regex` is left out: a pattern from outside may cost any time. */
export const WARNING_TYPES = ['string', 'hostname', 'cidr', 'substring'] as const;
export type WarningType = (typeof WARNING_TYPES)[number];

/** MISP's names of what an indicator can be. Those of two parts (`domain|ip`) name each of them. */
const ATTRIBUTES: ReadonlyMap<string, readonly IndicatorType[]> = new Map<string, readonly IndicatorType[]>([
  ['all', INDICATOR_TYPES],
  ['ip', ['ipv4', 'ipv6']],
  ['ip-src', ['ipv4', 'ipv6']],
  ['ip-dst', ['ipv4', 'ipv6']],
  ['domain', ['domain']],
  ['hostname', ['domain']],
  ['url', ['url']],
  ['uri', ['url']],
  ['link', ['url']],
  ['md5', ['md5']],
  ['malware-sample', ['md5']],
  ['sha1', ['sha1']],
  ['sha256', ['sha256']],
  ['email', ['email']],
  ['email-src', ['email']],
  ['email-dst', ['email']],
  ['email-reply-to', ['email']],
  ['target-email', ['email']],
  ['whois-registrant-email', ['email']],
  ['dns-soa-email', ['email']],
]);

/** The types that a list's `matching_attributes` speak of; all of them when it names none. */
export function typesOfAttributes(attributes: readonly string[]): ReadonlySet<IndicatorType> {
  if (attributes.length === 0) return new Set(INDICATOR_TYPES);
  const parts = attributes.flatMap((attribute) => attribute.toLowerCase().split('|'));
  return new Set(parts.flatMap((part) => ATTRIBUTES.get(part) ?? []));
}

/**
 * A MISP warning list without an entry yet; MISP compares like this (`checkValue` of its model Warninglist). An indicator is held
 * against it when the list speaks of its type: `string` with all of it, `substring` with any part of it, `hostname` and `cidr` with its
 * host. Upper and lower case are one.
 */
export function createWarningList(type: WarningType, types: ReadonlySet<IndicatorType>): ListOfEntries {
  const { find, ...list } = compared(type, types);
  return { ...list, find: (indicator, host) => (types.has(indicator.key.type) ? find(indicator, host) : null) };
}

function compared(type: WarningType, types: ReadonlySet<IndicatorType>): ListOfEntries {
  switch (type) {
    case 'string': {
      const entries = new Map<string, number>();
      return {
        add: (text, at) => {
          const key = keyOf(text, types);
          if (key === null) return 'is nothing that mdti-sync delivers';
          const value = comparable(key);
          if (!entries.has(value)) entries.set(value, at);
          return null;
        },
        find: ({ key }) => entries.get(comparable(key)) ?? null,
      };
    }
    case 'substring': {
      const substrings = createSubstrings();
      return {
        close: substrings.close,
        add: (text, at) =>
          substrings.add(text.trim().toLowerCase(), at)
            ? null
            : `is beyond ${MOST_CHARACTERS} characters of substrings`,
        find: ({ key }) => substrings.find(key.value.toLowerCase()),
      };
    }
    case 'hostname':
      return read('domains', 'is no host name');
    case 'cidr':
      return read('cidrs', 'is no network');
  }
}

/** Compared as a list of the policy is. */
function read(kind: ListKind, wrong: string): ListOfEntries {
  const { add, find } = createListOfEntries(kind);
  return { add: (text, at) => (add(text, at) === null ? null : wrong), find };
}

const LONGEST_URL = 10_000;
/** Of an e-mail address; a domain is shorter. */
const LONGEST_NAME = 320;

/** What a whole value is, by its look; null when the list does not speak of such, or it is nothing that we have. */
function keyOf(text: string, types: ReadonlySet<IndicatorType>): IndicatorKey | null {
  for (const type of likelyTypes(text.trim())) {
    const canonical = canonicalKey(type, text);
    if (canonical.ok && types.has(canonical.key.type)) return canonical.key;
  }
  return null;
}

function likelyTypes(text: string): readonly IndicatorType[] {
  if (text.length > LONGEST_URL) return [];
  if (/^[0-9a-f]{32,64}$/i.test(text)) return ['md5', 'sha1', 'sha256'];
  if (text.includes('://') || text.length > LONGEST_NAME) return ['url'];
  return text.includes('@') && !text.includes('/') ? ['email'] : ['domain', 'url'];
}

function comparable({ type, value }: IndicatorKey): string {
  return type === 'email' ? comparableEmail(value) : value;
}
