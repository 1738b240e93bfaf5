import { OBSERVABLE_KEYS, type Observable, type ObservableType } from './observable.ts';
import { hexDigits, pick, random } from './random.ts';

/** In percent; a little over half are hosts. */
const SHARES: readonly (readonly [ObservableType, number])[] = [
  ['ipv4', 28],
  ['ipv6', 4],
  ['domain', 21],
  ['url', 13],
  ['sha256', 16],
  ['sha1', 6],
  ['md5', 8],
  ['email', 4],
];

const WORDS = [
  'amber',
  'birch',
  'cobalt',
  'delta',
  'ember',
  'fjord',
  'grove',
  'harbor',
  'indigo',
  'juniper',
  'kelp',
] as const;
const ENDINGS = ['cdn', 'login', 'update', 'mail', 'files', 'portal', 'sync', 'api', 'shop', 'news', 'cloud'] as const;
const TOP_LEVELS = [
  'com',
  'net',
  'org',
  'info',
  'top',
  'xyz',
  'online',
  'site',
  'co.uk',
  'com.br',
  'ru',
  'cc',
] as const;
const PATHS = ['wp-content/up.php', 'gate', 'a/b/login.html', 'dl/setup.exe', 'api/v1/beacon', 'i.js'] as const;
const NAMES = ['billing', 'hr', 'support', 'it.desk', 'no-reply', 'invoice'] as const;

/** First octets without a special-purpose block (IANA's registry) anywhere below them. */
const SPECIAL = new Set([100, 127, 169, 172, 192, 198, 203]);
const FIRST_OCTETS = Array.from({ length: 213 }, (_, index) => index + 11).filter((octet) => !SPECIAL.has(octet));

function typeOf(seed: number, indicator: number): ObservableType {
  let rest = random(seed, indicator, 0) % 100;
  for (const [type, share] of SHARES) {
    if (rest < share) return type;
    rest -= share;
  }
  return 'email';
}

/** An observable of its own for every indicator number. Nobody may ever connect to one: the addresses look like anyone's. */
export function generatedObservable(seed: number, indicator: number, type = typeOf(seed, indicator)): Observable {
  return { key: OBSERVABLE_KEYS[type], value: valueOf(seed, indicator, type) };
}

function valueOf(seed: number, indicator: number, type: ObservableType): string {
  switch (type) {
    case 'ipv4':
      return ipv4(seed, indicator);
    case 'ipv6':
      return ipv6(seed, indicator);
    case 'domain':
      return domain(seed, indicator);
    case 'url':
      return `${random(seed, indicator, 5) % 3 === 0 ? 'https' : 'http'}://${domain(seed, indicator)}/${pick(PATHS, random(seed, indicator, 6))}?id=${indicator}`;
    case 'md5':
      return hexDigits(seed, indicator, 7, 32);
    case 'sha1':
      return hexDigits(seed, indicator, 7, 40);
    case 'sha256':
      return hexDigits(seed, indicator, 7, 64);
    case 'email':
      return `${pick(NAMES, random(seed, indicator, 8))}@${domain(seed, indicator)}`;
  }
}

/** Steps through all addresses in an order without repeats, since the step and the number of addresses have no common factor. */
function ipv4(seed: number, indicator: number): string {
  const addresses = FIRST_OCTETS.length * 2 ** 24;
  const address = (indicator * 1_640_531_527 + random(seed, 0, 9)) % addresses;
  const first = FIRST_OCTETS[Math.floor(address / 2 ** 24)] ?? 11;
  return `${first}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

function ipv6(seed: number, indicator: number): string {
  const group = (number: number): string => (number & 0xffff).toString(16);
  const [high, low] = [random(seed, indicator, 10), random(seed, indicator, 11)];
  return `2a0e:${group(high)}:${group(high >>> 16)}::${group(low)}:${group(indicator >>> 16)}:${group(indicator)}`;
}

function domain(seed: number, indicator: number): string {
  const [first, second, third] = [12, 13, 14].map((purpose) => random(seed, indicator, purpose));
  const unique = ((indicator * 2_654_435_761) % 2 ** 32).toString(36);
  return `${pick(WORDS, first ?? 0)}-${pick(ENDINGS, second ?? 0)}-${unique}.${pick(TOP_LEVELS, third ?? 0)}`;
}
