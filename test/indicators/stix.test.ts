import { describe, expect, it } from 'vitest';
import { observableId, stixIndicator, stixPattern } from '../../indicators/stix.ts';
import { FACTS } from './arbitraries.ts';

const WRITTEN = {
  created: '2026-01-05T10:00:00.000Z',
  modified: '2026-01-06T10:00:00.000Z',
  tlpDefault: 'green',
} as const;

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
    const indicator = { key: { type: 'ipv4', value: '198.51.100.3' }, facts: FACTS, sources: ['A'] } as const;
    expect(stixIndicator(indicator, WRITTEN)).toEqual({
      type: 'indicator',
      spec_version: '2.1',
      id: 'indicator--ed995101-8e77-5431-836d-feb4296682d4',
      created: WRITTEN.created,
      modified: WRITTEN.modified,
      name: '198.51.100.3',
      indicator_types: ['malicious-activity'],
      pattern: "[ipv4-addr:value = '198.51.100.3']",
      pattern_type: 'stix',
      valid_from: WRITTEN.created,
      confidence: 80,
      revoked: false,
      object_marking_refs: ['marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da'],
    });
  });

  it('an indicator that says all shows it', () => {
    const facts = {
      ...FACTS,
      threat: 'apt',
      confidence: null,
      validFrom: '2026-01-01T00:00:00.0000000Z',
      validUntil: '2026-02-01T00:00:00.0000000Z',
      tlp: 'amber+strict',
      tags: ['a'],
      description: 'seen',
      ended: 'revoked',
    } as const;
    const shown = stixIndicator({ key: { type: 'domain', value: 'evil.com' }, facts, sources: [] }, WRITTEN);
    expect(shown).toMatchObject({
      indicator_types: ['malicious-activity', 'attribution'],
      valid_from: facts.validFrom,
      valid_until: facts.validUntil,
      labels: ['a'],
      description: 'seen',
      revoked: true,
      object_marking_refs: ['marking-definition--826578e1-40ad-459f-bc73-ede076f81f37'],
    });
    expect(shown).not.toHaveProperty('confidence');
  });

  it('has no end that is not after its start', () => {
    const facts = { ...FACTS, validFrom: '2026-02-01T00:00:00.0000000Z', validUntil: '2026-02-01T00:00:00.0000000Z' };
    expect(stixIndicator({ key: { type: 'domain', value: 'a.com' }, facts, sources: [] }, WRITTEN)).not.toHaveProperty(
      'valid_until',
    );
  });

  it('quotes in a pattern are escaped', () => {
    expect(stixPattern({ type: 'url', value: "http://a.com/it's\\" })).toBe("[url:value = 'http://a.com/it\\'s\\\\']");
    expect(stixPattern({ type: 'sha1', value: 'aa' })).toBe("[file:hashes.'SHA-1' = 'aa']");
  });
});
