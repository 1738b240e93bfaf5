import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { Facts, IndicatorKey } from '../../indicators/indicator.ts';
import type { Verdict } from '../../indicators/reputation.ts';
import { type StixDialect, stixIndicator } from '../../indicators/stix.ts';
import { observableId, stixPattern } from '../../indicators/stix-observable.ts';
import { readPattern } from '../../indicators/stix-pattern.ts';
import { storableText } from '../../indicators/storable-text.ts';
import { anyFacts, anyType, FACTS, oddText } from './arbitraries.ts';
import { anyVerdict, anyVersion, DIALECT, FIRST_VERSION, FOR_OPENCTI, PRODUCER, SCORED } from './stix-arbitraries.ts';

const KEY = { type: 'ipv4', value: '198.51.100.3' } as const;
const NONE: Verdict = { kind: 'none' };

function said(facts: Partial<Facts> = {}, verdict = NONE, key: IndicatorKey = KEY) {
  return { indicator: { key, facts: { ...FACTS, ...facts }, sources: ['A'] }, verdict };
}

function written(facts: Partial<Facts> = {}, verdict = NONE, dialect: StixDialect = DIALECT) {
  return stixIndicator(said(facts, verdict), dialect, FIRST_VERSION);
}

describe('in STIX 2.1', () => {
  // Computed with Python's uuid.uuid5 over the canonical JSON.
  it.each([
    ['ipv4', '198.51.100.3', 'ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4'],
    ['domain', 'example.com', 'domain-name--bedb4899-d24b-5401-bc86-8f6b4cc18ec7'],
    ['ipv6', '2001:db8::1', 'ipv6-addr--6469e3a9-b053-5e34-a025-9396ae051d26'],
  ] as const)('the observable %s %s has the id %s', (type, value, id) => {
    expect(observableId({ type, value })).toBe(id);
  });

  it('an indicator that says little has what an indicator needs', () => {
    expect(written()).toEqual({
      type: 'indicator',
      spec_version: '2.1',
      id: 'indicator--cecec4b0-f829-5f9a-9036-67b548e233bb',
      created_by_ref: 'identity--3461d1a0-eb19-5e74-bd9a-d97b31059056',
      created: FIRST_VERSION.created,
      modified: FIRST_VERSION.now,
      name: '198.51.100.3',
      description: 'Reported by A.',
      indicator_types: ['malicious-activity'],
      pattern: "[ipv4-addr:value = '198.51.100.3']",
      pattern_type: 'stix',
      valid_from: FIRST_VERSION.created,
      confidence: 80,
      revoked: false,
      object_marking_refs: ['marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb'],
    });
  });

  it('an indicator that says all shows it', () => {
    const shown = written(
      {
        threat: 'apt',
        validFrom: '2026-01-01T00:00:00.1239999Z',
        validUntil: '2026-02-01T00:00:00.0000000Z',
        tlp: 'amber+strict',
        tags: ['a', 'zebra'],
        description: 'seen',
      },
      SCORED,
    );
    expect(shown).toMatchObject({
      indicator_types: ['malicious-activity', 'attribution'],
      valid_from: '2026-01-01T00:00:00.123Z',
      valid_until: '2026-02-01T00:00:00.000Z',
      confidence: 87,
      labels: ['a', 'mdti:malicious', 'zebra'],
      object_marking_refs: ['marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003'],
    });
    expect(shown.description).toBe(
      [
        'seen',
        '',
        'Microsoft Defender Threat Intelligence: malicious, score 87 of 100.',
        '- Named in an article (high): A page says so',
        '- Open (medium): In the clear',
        '- Self-signed (low): So is "its" certificate',
      ].join('\n'),
    );
    expect(shown.external_references).toEqual([
      {
        source_name: 'Microsoft Defender Threat Intelligence',
        description: 'Named in an article',
        url: 'https://security.example/articles/1?a=b',
      },
    ]);
  });

  it('says nothing that nobody has said', () => {
    const nobody = { indicator: { ...said().indicator, sources: [] }, verdict: NONE };
    expect(stixIndicator(nobody, DIALECT, FIRST_VERSION)).not.toHaveProperty('description');
    expect(written({ confidence: null })).not.toHaveProperty('confidence');
    expect(written({ confidence: null }, NONE, FOR_OPENCTI).extensions).toEqual({
      'extension-definition--ea279b3e-5c71-4632-ac08-831c66a786ba': {
        extension_type: 'property-extension',
        main_observable_type: 'IPv4-Addr',
      },
    });
  });

  it('has for OpenCTI the id, the score, the type and the marking that it knows', () => {
    const shown = written({ tlp: 'amber+strict' }, SCORED, FOR_OPENCTI);
    expect(shown).toMatchObject({
      id: 'indicator--ed995101-8e77-5431-836d-feb4296682d4',
      object_marking_refs: ['marking-definition--826578e1-40ad-459f-bc73-ede076f81f37'],
      extensions: {
        'extension-definition--ea279b3e-5c71-4632-ac08-831c66a786ba': {
          extension_type: 'property-extension',
          score: 87,
          main_observable_type: 'IPv4-Addr',
        },
      },
    });
  });

  it('ends after its start, were it by a millisecond', () => {
    const times = { validFrom: '2026-02-01T00:00:00.0000000Z', validUntil: '2026-02-01T00:00:00.0009999Z' };
    expect(written(times).valid_until).toBe('2026-02-01T00:00:00.001Z');
    expect(written({ ...times, validUntil: '2026-01-01T00:00:00.0000000Z' }).valid_until).toBe(
      '2026-02-01T00:00:00.001Z',
    );
  });

  it('a version is newer than the one before and never older than the object, whatever the clock says', () => {
    const modified = (previous: string | null, now: string) =>
      stixIndicator(said(), DIALECT, { ...FIRST_VERSION, previous, now }).modified;
    expect(modified('2026-01-06T10:00:00.000Z', '2026-01-06T09:00:00.000Z')).toBe('2026-01-06T10:00:00.001Z');
    // As a server with microseconds gives it back.
    expect(modified('2026-01-06T10:00:00.000999Z', '2026-01-06T10:00:00Z')).toBe('2026-01-06T10:00:00.001Z');
    expect(modified('2026-01-06T10:00:00.000Z', '2026-01-07T10:00:00.1234Z')).toBe('2026-01-07T10:00:00.123Z');
    expect(modified(null, '2025-01-01T00:00:00Z')).toBe(FIRST_VERSION.created);
  });

  it('what comes back after it was revoked has another id, and so has another deployment', () => {
    const id = (generation: number, namespace: string, dialect = DIALECT) =>
      stixIndicator(said(), { ...dialect, producer: { ...PRODUCER, namespace } }, { ...FIRST_VERSION, generation }).id;
    const other = '7f3f4a0c-2b53-4d3c-8a57-4a5d1b2c3d4e';
    const ids = [0, 1, 2].flatMap((generation) => [id(generation, PRODUCER.namespace), id(generation, other)]);
    expect(new Set(ids).size).toBe(6);
    expect(id(1, other, FOR_OPENCTI)).toBe(id(0, PRODUCER.namespace, FOR_OPENCTI));
  });

  it('the order of MDTI’s rules shows nowhere', () => {
    if (SCORED.kind !== 'scored') throw new Error('It has rules.');
    expect(written({}, { ...SCORED, rules: SCORED.rules.toReversed() })).toEqual(written({}, SCORED));
  });

  it('quotes in a pattern are escaped', () => {
    expect(stixPattern({ type: 'url', value: "http://a.com/it's\\" })).toBe("[url:value = 'http://a.com/it\\'s\\\\']");
    expect(stixPattern({ type: 'sha1', value: 'aa' })).toBe("[file:hashes.'SHA-1' = 'aa']");
  });
});

test('whatever is said, the object is one', () => {
  const value = oddText.map(storableText).filter((text) => text !== '');
  fc.assert(
    fc.property(anyType, value, anyFacts, anyVerdict, anyVersion, (type, text, facts, verdict, version) => {
      const key = { type, value: text };
      const object = stixIndicator(said(facts, verdict, key), DIALECT, version);
      for (const time of [object.created, object.modified, object.valid_from, object.valid_until ?? object.created]) {
        expect(time).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/);
      }
      expect(object.modified >= object.created).toBe(true);
      if (version.previous !== null) expect(object.modified > version.previous).toBe(true);
      expect(object.valid_until === undefined || object.valid_until > object.valid_from).toBe(true);
      expect(object.valid_until === undefined).toBe(facts.validUntil === null);
      expect(object.labels?.every((label) => label !== '' && label.length <= 200)).not.toBe(false);
      for (const { url } of object.external_references ?? []) expect(new URL(url).protocol).toBe('https:');
      expect(JSON.parse(storableText(JSON.stringify(object)))).toEqual(object);
      const read = readPattern(object.pattern);
      expect(read.ok && read.comparisons.map(({ value: readValue }) => readValue)).toEqual([text]);
    }),
    { numRuns: 500 },
  );
});

test('a value of 8,192 characters is held whole', () => {
  const value = `http://a.example/?q=${`%2F,"'\\é😀`.repeat(1_000)}`.slice(0, 8_192);
  const object = stixIndicator(said({}, NONE, { type: 'url', value }), DIALECT, FIRST_VERSION);
  expect(object.name).toBe(value);
  const read = readPattern(object.pattern);
  expect(read.ok && read.comparisons[0]?.value).toBe(value);
});
