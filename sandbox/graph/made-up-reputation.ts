import { createHash } from 'node:crypto';
import { drawsFrom, shuffled } from './draw.ts';

export interface ReputationBody {
  readonly '@odata.type': '#microsoft.graph.security.hostReputation';
  readonly id: string;
  readonly classification: 'unknown' | 'neutral' | 'suspicious' | 'malicious';
  readonly score: number;
  readonly rules: readonly RuleBody[];
}

export interface RuleBody {
  readonly name: string;
  readonly description: string;
  readonly severity: 'low' | 'medium' | 'high';
  readonly relatedDetailsUrl: string | null;
}

/** Rules as Graph's documentation and Defender's reputation page name them. */
const RULES: readonly RuleBody[] = [
  {
    name: 'Microsoft Defender Threat Intelligence Intel Article',
    description: 'Activity Snapshot: infrastructure of a made-up actor',
    severity: 'high',
    relatedDetailsUrl: 'https://ti.defender.example/article/00000000',
  },
  {
    name: 'Third Party Blocklist',
    description: 'Listed by a third party as malware distribution',
    severity: 'high',
    relatedDetailsUrl: null,
  },
  {
    name: 'Name server',
    description: 'Domain is using a name server that has been associated with suspicious behavior',
    severity: 'medium',
    relatedDetailsUrl: null,
  },
  {
    name: 'Registrar',
    description: 'Domains registered using this registrar are frequently associated with suspicious behavior',
    severity: 'medium',
    relatedDetailsUrl: null,
  },
  {
    name: 'ASN',
    description: 'Infrastructure hosted in this autonomous system is frequently associated with suspicious behavior',
    severity: 'medium',
    relatedDetailsUrl: null,
  },
  {
    name: 'SSL certificate self-signed',
    description: 'Self-signed certificates may indicate malicious behavior',
    severity: 'medium',
    relatedDetailsUrl: null,
  },
  {
    name: 'Resolving IP Address',
    description: '192.0.2.1',
    severity: 'low',
    relatedDetailsUrl: 'https://ti.defender.example/search?query=192.0.2.1',
  },
  { name: 'Open ports observed', description: '12 ports were open', severity: 'low', relatedDetailsUrl: null },
];

/** Brackets of scores, with how many rules they need at least. (Source: Defender's page on reputation scoring.) */
const BRACKETS = [
  { classification: 'malicious', share: 45, from: 75, to: 100, rules: 2 },
  { classification: 'suspicious', share: 20, from: 50, to: 74, rules: 3 },
  { classification: 'neutral', share: 15, from: 25, to: 49, rules: 2 },
  { classification: 'unknown', share: 10, from: 0, to: 0, rules: 0 },
] as const;
const ALL_SHARES = BRACKETS.reduce((sum, { share }) => sum + share, 0);

/**
 * What MDTI says of a host: a pure function of seed and host. Null for the hosts that it does not know, one in ten unless
 * another share is given.
 */
export function madeUpReputation(seed: number, host: string, notFoundShare = 0.1): ReputationBody | null {
  const draw = drawsFrom(`${seed} ${host}`);
  if (draw() < notFoundShare) return null;
  const { classification, from, to, rules } = bracketAt(draw() * ALL_SHARES);
  const score = from + Math.floor(draw() * (to - from + 1));
  const count = rules === 0 ? 0 : rules + Math.floor(draw() * 3);
  return {
    '@odata.type': '#microsoft.graph.security.hostReputation',
    id: uuidFrom(`${seed} ${host}`),
    classification,
    score,
    rules: shuffled(RULES, draw).slice(0, count),
  };
}

function bracketAt(position: number): (typeof BRACKETS)[number] {
  let rest = position;
  for (const bracket of BRACKETS) {
    if (rest < bracket.share) return bracket;
    rest -= bracket.share;
  }
  return BRACKETS[3];
}

function uuidFrom(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}
