import { type IndicatorKey, THREATS, TLP_LEVELS } from '../../indicators/indicator.ts';
import type { Verdict } from '../../indicators/reputation.ts';
import { type StixDialect, type StixIndicator, stixIndicator } from '../../indicators/stix.ts';
import { type Withdrawal, withdrawnStix } from '../../indicators/withdrawn-stix.ts';
import { FACTS } from '../indicators/arbitraries.ts';
import { DIALECT, FIRST_VERSION, FOR_OPENCTI, SCORED } from '../indicators/stix-arbitraries.ts';

/** One of each type, and what is hard to quote. */
export const KEYS: readonly IndicatorKey[] = [
  { type: 'ipv4', value: '198.51.100.3' },
  { type: 'ipv6', value: '2001:db8::1' },
  { type: 'domain', value: 'evil.example' },
  { type: 'domain', value: 'bücher.example' },
  { type: 'url', value: 'http://evil.example/a?b=%2F&c=it\'s,"d"\\e#é😀' },
  { type: 'url', value: `http://long.example/${'x'.repeat(8_171)}` },
  { type: 'email', value: "o'neil@evil.example" },
  { type: 'md5', value: 'd41d8cd98f00b204e9800998ecf8427e' },
  { type: 'sha1', value: 'da39a3ee5e6b4b0d3255bfef95601890afd80709' },
  { type: 'sha256', value: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' },
];

export const DIALECTS = [DIALECT, { ...DIALECT, markings: 'tlp-1' }, FOR_OPENCTI] as const;

/** The key as an indicator that says much. */
export function saidOf(key: IndicatorKey, number = 0, verdict: Verdict = SCORED) {
  const facts = {
    ...FACTS,
    threat: THREATS[number % THREATS.length] ?? 'malware',
    tlp: TLP_LEVELS[number % TLP_LEVELS.length] ?? null,
    tags: ['a tag', '=1+1', 'ünïcode, "quoted"'],
    description: 'Seen in a "campaign",\n50% of it.',
    validFrom: '2026-01-01T00:00:00.1234567Z',
    validUntil: '2026-02-01T00:00:00.0000000Z',
  };
  return { indicator: { key, facts, sources: ['A'] }, verdict };
}

/** Each short key with each marking, with and without a verdict, of two generations, standing and withdrawn in each way. */
export function everyForm(dialect: StixDialect): readonly StixIndicator[] {
  const cases = KEYS.filter(({ value }) => value.length < 100).flatMap((key) =>
    TLP_LEVELS.map((tlp) => ({ key, tlp })),
  );
  const standing = cases.map(({ key }, number) =>
    stixIndicator(saidOf(key, number, number % 2 === 0 ? SCORED : { kind: 'none' }), dialect, {
      ...FIRST_VERSION,
      generation: number % 2,
    }),
  );
  const ways: readonly Withdrawal[] = ['revoke', 'end', 'revoke-and-end'];
  return [...standing, ...standing.flatMap((each) => ways.map((how) => withdrawnStix(each, each.valid_from, how)))];
}

/** The least that can be said of each key. */
export function leastForms(dialect: StixDialect): readonly StixIndicator[] {
  const facts = { ...FACTS, confidence: null };
  return KEYS.map((key) =>
    stixIndicator(
      { indicator: { key, facts, sources: ['A'] }, verdict: { kind: 'not-a-host' } },
      dialect,
      FIRST_VERSION,
    ),
  );
}
