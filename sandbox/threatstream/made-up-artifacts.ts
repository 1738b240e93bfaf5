import { generatedObservable } from '../rows/generated-observable.ts';
import { hexDigits, pick, random } from '../rows/random.ts';
import type { Artifact } from './artifacts.ts';
import type { Kind } from './kinds.ts';

export interface MadeUp {
  readonly count: number;
  /** Another seed, other observables. */
  readonly seed: number;
}

type Observable = Pick<Artifact, 'type' | 'value'>;

/** So many observables follow one another of which those with a host have one of two. */
const GROUP = 10;
/** How many there are but for what is looked up: a million of them share them. */
const LOOKS = 500;
const FEEDS = [0, 101, 102, 207] as const;
const TAGS = [
  [],
  [],
  [{ name: 'phishing', tlp: null }],
  [{ name: 'botnet', tlp: 'white' }],
  [{ name: 'on-watch', tlp: 'red' }],
  [
    { name: 'phishing', tlp: null },
    { name: 'on-watch', tlp: 'red' },
  ],
] as const;
const STATUSES = ['active', 'active', 'active', 'active', 'active', 'active', 'active', 'inactive'] as const;
const CIRCLES = [null, null, null, [13]] as const;
const ITYPES: Readonly<Record<Kind, readonly [string, ...string[]]>> = {
  ip: ['mal_ip', 'c2_ip', 'scan_ip'],
  ipv6: ['mal_ipv6', 'c2_ipv6', 'scan_ipv6'],
  domain: ['mal_domain', 'c2_domain', 'phish_domain'],
  url: ['mal_url', 'c2_url', 'phish_url'],
  email: ['phish_email', 'mal_email'],
  md5: ['mal_md5', 'apt_md5'],
  string: ['mal_ua', 'mal_regkey', 'mal_fname'],
};

/**
 * The same for the same seed. Of each ten, seven have a host, which is one of two: "each host once" means something. Besides, there are hashes of
 * all lengths, texts, values of several owners, hosts that are written otherwise, addresses that nobody else can reach, and such as are none.
 */
export function* madeUpArtifacts({ count, seed }: MadeUp): Generator<Artifact> {
  for (let number = 0; number < count; number += 1) {
    const look = random(seed, number, 39) % LOOKS;
    const draw = (purpose: number): number => random(seed, look, 40 + purpose);
    const observable = observableOf(seed, number);
    const owner = draw(0) % 10 < 3 ? 'own' : 'foreign';
    yield {
      ...observable,
      owner,
      feed: owner === 'own' ? 0 : pick(FEEDS, draw(1)),
      status: pick(STATUSES, draw(2)),
      confidence: 5 * (draw(3) % 21),
      tags: [...pick(TAGS, draw(4))],
      public: owner === 'foreign' && draw(5) % 4 > 0,
      trustedCircles: owner === 'foreign' ? copied(pick(CIRCLES, draw(6))) : null,
      comments: [],
      itype: pick(ITYPES[observable.type], look),
    };
  }
}

function observableOf(seed: number, number: number): Observable {
  const group = Math.floor(number / GROUP);
  const domain = generatedObservable(seed, group, 'domain').value;
  const address = generatedObservable(seed, group, 'ipv4').value;
  switch (number % GROUP) {
    case 0:
    case 1:
      return { type: 'domain', value: domain };
    case 2:
      return { type: 'url', value: `https://${domain}/gate?id=${number}` };
    case 3:
      return { type: 'url', value: `http://${address}:8080/dl/setup.exe?id=${number}` };
    case 4:
      return { type: 'email', value: `billing-${group}@${domain}` };
    case 5:
    case 6:
      return { type: 'ip', value: address };
    case 7:
      return { type: 'md5', value: hexDigits(seed, number, 48, pick([32, 40, 64], group)) };
    case 8:
      return group % 2 === 0
        ? { type: 'string', value: `Made-up agent ${number}` }
        : { type: 'ipv6', value: generatedObservable(seed, group, 'ipv6').value };
    default:
      return oddOne(group, number, domain);
  }
}

/** What has no host that could be looked up, or has it in another spelling. */
function oddOne(group: number, number: number, domain: string): Observable {
  const [high, low] = [(number >>> 8) & 255, number & 255];
  switch (group % 8) {
    case 0:
      return { type: 'ip', value: `10.${(number >>> 16) & 255}.${high}.${low}` };
    case 1:
      return { type: 'domain', value: domain.replaceAll('.', '[.]') };
    case 2:
      return { type: 'url', value: `hxxps://${domain.replaceAll('.', '[.]')}/${number}` };
    case 3:
      return { type: 'domain', value: `${domain.toUpperCase()}.` };
    case 4:
      return { type: 'domain', value: `no-host-${number}` };
    case 5:
      return { type: 'url', value: `http:///${number}` };
    case 6:
      return { type: 'ipv6', value: `2001:db8::${(number & 65_535).toString(16)}` };
    default:
      return { type: 'ip', value: `203.0.113.${low}` };
  }
}

function copied(circles: readonly number[] | null): number[] | null {
  return circles === null ? null : [...circles];
}
