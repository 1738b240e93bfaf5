import { generatedObservable } from '../rows/generated-observable.ts';
import { hexDigits, pick, random } from '../rows/random.ts';
import type { GivenArtifact } from './artifacts.ts';

interface MadeUp {
  readonly count: number;
  /** Another seed, other attributes. */
  readonly seed: number;
  /** Seconds since 1970. */
  readonly now: number;
}

type Observable = Pick<GivenArtifact, 'type' | 'value'>;

/** So many follow one another of which those with a host have one of two. */
const GROUP = 10;
/** So many were stored in one second. */
const OF_A_SECOND = 50;
const TAGS = [
  [],
  [],
  [{ name: 'tlp:green', local: false }],
  [{ name: 'phishing', local: false }],
  [{ name: 'on-watch', local: true }],
] as const;

/**
 * The same for the same seed, three of ten our own organisation's. Of each ten, eight have a host, which is one of two: "each host once" means
 * something. Besides there are hashes, texts of two halves, hosts that are written otherwise, addresses that nobody else can reach, and such
 * as are none.
 */
export function* madeUpArtifacts({ count, seed, now }: MadeUp): Generator<GivenArtifact> {
  for (let number = 0; number < count; number += 1) {
    const draw = (purpose: number): number => random(seed, number, 80 + purpose);
    yield {
      ...observableOf(seed, number),
      owner: draw(0) % 10 < 3 ? 'own' : 'foreign',
      published: draw(1) % 4 > 0,
      toIds: draw(2) % 8 > 0,
      timestamp: now - Math.ceil((count - number) / OF_A_SECOND),
      tags: [...pick(TAGS, draw(3))],
    };
  }
}

function observableOf(seed: number, number: number): Observable {
  const group = Math.floor(number / GROUP);
  const domain = generatedObservable(seed, group, 'domain').value;
  const address = generatedObservable(seed, group, 'ipv4').value;
  switch (number % GROUP) {
    case 0:
      return { type: 'domain', value: domain };
    case 1:
      return { type: 'hostname', value: domain };
    case 2:
      return { type: 'url', value: `https://${domain}/gate?id=${number}` };
    case 3:
      return { type: 'url', value: `http://${address}:8080/dl/setup.exe?id=${number}` };
    case 4:
      return { type: 'email-src', value: `billing-${group}@${domain}` };
    case 5:
      return { type: 'ip-dst', value: address };
    case 6:
      return { type: 'ip-src|port', value: `${address}|${1_024 + (number % 5_000)}` };
    case 7:
      return { type: 'domain|ip', value: `${domain}|${address}` };
    case 8:
      return group % 2 === 0
        ? { type: 'sha256', value: hexDigits(seed, number, 48, 64) }
        : { type: 'filename|md5', value: `setup-${number}.exe|${hexDigits(seed, number, 48, 32)}` };
    default:
      return oddOne(group, number, domain);
  }
}

/** What has no host that could be looked up, or has it in another spelling. */
function oddOne(group: number, number: number, domain: string): Observable {
  const [high, low] = [(number >>> 8) & 255, number & 255];
  switch (group % 5) {
    case 0:
      return { type: 'ip-dst', value: `10.${(number >>> 16) & 255}.${high}.${low}` };
    case 1:
      return { type: 'domain', value: `${domain.toUpperCase()}.` };
    case 2:
      return { type: 'url', value: `http:///${number}` };
    case 3:
      return { type: 'ip-src', value: `2001:db8::${(number & 65_535).toString(16)}` };
    default:
      return { type: 'ip-dst', value: `203.0.113.${low}/24` };
  }
}
