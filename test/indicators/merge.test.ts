import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentHash } from '../../indicators/content-hash.ts';
import { createExclusion } from '../../indicators/exclusion.ts';
import type { Facts, IndicatorKey } from '../../indicators/indicator.ts';
import { merge, type Voice } from '../../indicators/merge.ts';
import { anyVoices, FACTS, POLICY } from './arbitraries.ts';

const KEY: IndicatorKey = { type: 'domain', value: 'evil.com' };
const NOW = new Date('2026-01-20T12:00:00Z');

function voice(sourceTime: string, facts: Partial<Facts>, sourceSystem = 'A'): Voice {
  return { sourceSystem, sourceTime, facts: { ...FACTS, ...facts } };
}

function merged(...voices: readonly Voice[]): Facts {
  return merge(KEY, voices, NOW).facts;
}

describe('merging', () => {
  it('takes the most of each living voice', () => {
    const one = voice('1', { confidence: 90, tags: ['b'], threat: 'malware', tlp: 'green', description: 'old' });
    const two = voice(
      '2',
      { confidence: null, tags: ['a', 'b'], threat: 'phishing', tlp: null, validFrom: '2026-01-02' },
      'B',
    );
    const three = voice('3', {
      confidence: 10,
      threat: 'c2',
      tlp: 'amber',
      validFrom: '2026-01-01',
      validUntil: '2026-02-01',
    });
    expect(merge(KEY, [one, two, three], NOW)).toEqual({
      key: KEY,
      facts: {
        threat: 'c2',
        confidence: 90,
        validFrom: '2026-01-01',
        validUntil: null,
        tlp: 'amber',
        tags: ['a', 'b'],
        description: 'old',
        ended: null,
      },
      sources: ['A', 'B'],
    });
  });

  it('lets the ended say nothing while another lives', () => {
    const live = voice('1', { confidence: 10 });
    expect(merged(live, voice('2', { confidence: 99, ended: 'revoked' }))).toEqual(live.facts);
    expect(merged(live, voice('2', { confidence: 99, validUntil: '2026-01-19T00:00:00.0000000Z' }))).toEqual(
      live.facts,
    );
  });

  it('ends when the last has ended, as the newest says', () => {
    expect(merged(voice('1', { ended: 'deleted' }), voice('2', { ended: 'revoked' })).ended).toBe('revoked');
    const expired = voice('2', { validUntil: '2026-01-19T00:00:00.0000000Z' });
    expect(merged(voice('1', { ended: 'deleted' }), expired)).toMatchObject({
      ended: null,
      validUntil: expired.facts.validUntil,
    });
  });

  it('is the same in any order', () => {
    const shuffled = anyVoices.chain((voices) =>
      fc.tuple(fc.constant(voices), fc.shuffledSubarray([...voices], { minLength: voices.length })),
    );
    fc.assert(
      fc.property(shuffled, ([voices, again]) => {
        expect(merge(KEY, again, NOW)).toEqual(merge(KEY, voices, NOW));
      }),
      { numRuns: 2_000 },
    );
  });

  it('is the same whatever the order of the fields, and for a voice that is heard twice', () => {
    fc.assert(
      fc.property(anyVoices, (voices) => {
        const reversed = voices.map(({ facts, sourceTime, sourceSystem }) => {
          const { threat, confidence, validFrom, validUntil, tlp, tags, description, ended } = facts;
          const turned = { ended, description, tags, tlp, validUntil, validFrom, confidence, threat };
          return { facts: turned, sourceTime, sourceSystem };
        });
        const hash = contentHash(merge(KEY, voices, NOW));
        expect(contentHash(merge(KEY, reversed, NOW))).toBe(hash);
        expect(contentHash(merge(KEY, [...voices, ...reversed], NOW))).toBe(hash);
      }),
      { numRuns: 1_000 },
    );
  });

  it('lives exactly as long as one of its voices', () => {
    const exclusion = createExclusion({ ...POLICY, tlpCeiling: 'red' });
    fc.assert(
      fc.property(anyVoices, (voices) => {
        const alone = voices.map((one) => exclusion({ key: KEY, facts: one.facts, sources: [] }, NOW));
        expect(exclusion(merge(KEY, voices, NOW), NOW) === null).toBe(alone.includes(null));
      }),
      { numRuns: 2_000 },
    );
  });

  it('needs a voice', () => {
    expect(() => merge(KEY, [], NOW)).toThrow('at least one observation');
  });
});
