import * as fc from 'fast-check';
import type { Verdict } from '../../indicators/reputation.ts';
import type { StixDialect, StixVersion } from '../../indicators/stix.ts';
import { stixNamespace } from '../../indicators/stix-ids.ts';
import type { Producer } from '../../indicators/stix-producer.ts';
import { oddText } from './arbitraries.ts';

export const PRODUCER: Producer = {
  namespace: stixNamespace('of the tests'),
  name: 'mdti-sync of the tests',
  identityClass: 'system',
};

export const DIALECT: StixDialect = {
  producer: PRODUCER,
  isForOpenCti: false,
  markings: 'tlp-2',
  tlpDefault: 'green',
};

export const FOR_OPENCTI: StixDialect = { ...DIALECT, isForOpenCti: true, markings: 'opencti' };

export const FIRST_VERSION: StixVersion = {
  generation: 0,
  created: '2026-01-05T10:00:00.000Z',
  previous: null,
  now: '2026-01-05T10:00:00.000Z',
};

export const SCORED: Verdict = {
  kind: 'scored',
  score: 87,
  classification: 'malicious',
  rules: [
    { name: 'Self-signed', description: 'So is "its" certificate', severity: 'low', relatedDetailsUrl: null },
    {
      name: 'Named in an article',
      description: 'A page says so',
      severity: 'high',
      relatedDetailsUrl: 'https://security.example/articles/1?a=b',
    },
    { name: 'Open', description: 'In the clear', severity: 'medium', relatedDetailsUrl: 'http://security.example/2' },
  ],
};

const instant = fc
  .date({ min: new Date('2000-01-01T00:00:00Z'), max: new Date('2099-01-01T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString());

export const anyVersion: fc.Arbitrary<StixVersion> = fc.record({
  generation: fc.nat({ max: 3 }),
  created: instant,
  previous: fc.option(
    instant.map((time) => time.replace('Z', '999Z')),
    { nil: null },
  ),
  now: instant,
});

export const anyVerdict: fc.Arbitrary<Verdict> = fc.oneof(
  fc.constantFrom<Verdict>({ kind: 'none' }, { kind: 'not-a-host' }, SCORED),
  fc.record({
    kind: fc.constant('scored' as const),
    score: fc.integer({ min: 0, max: 100 }),
    classification: fc.oneof(fc.constantFrom('unknown', 'malicious'), oddText),
    rules: fc.array(
      fc.record({
        name: oddText,
        description: oddText,
        severity: oddText,
        relatedDetailsUrl: fc.option(fc.oneof(fc.webUrl({ validSchemes: ['http', 'https'] }), oddText), { nil: null }),
      }),
      { maxLength: 4 },
    ),
  }),
);
