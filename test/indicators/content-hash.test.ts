import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentHash, factsHash } from '../../indicators/content-hash.ts';
import type { Indicator } from '../../indicators/indicator.ts';
import { anyFacts, FACTS } from './arbitraries.ts';

const anyIndicator: fc.Arbitrary<Indicator> = fc.record({
  key: fc.record({ type: fc.constantFrom('domain', 'url'), value: fc.constantFrom('a.com', 'b.com') }),
  facts: anyFacts,
  sources: fc.subarray(['A', 'B']),
});

describe('the content hash', () => {
  it('is short text that is safe in a URL', () => {
    fc.assert(
      fc.property(anyIndicator, (indicator) => {
        expect(contentHash(indicator)).toMatch(/^[\w-]{22}$/);
      }),
    );
  });

  it('is equal exactly when what is shown is equal', () => {
    // One field changed to any other value: the pair is equal or nearly so.
    const pair = fc
      .tuple(
        anyIndicator,
        anyIndicator,
        fc.constantFrom('threat', 'confidence', 'validUntil', 'tlp', 'tags', 'ended', 'key', 'sources'),
      )
      .map(([a, other, field]): readonly [Indicator, Indicator] => {
        if (field === 'key' || field === 'sources') return [a, { ...a, [field]: other[field] }];
        return [a, { ...a, facts: { ...a.facts, [field]: other.facts[field] } }];
      });
    fc.assert(
      fc.property(pair, ([a, b]) => {
        const same = JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
        expect(contentHash(a) === contentHash(b)).toBe(same);
        const sameFacts = JSON.stringify(sorted(a.facts)) === JSON.stringify(sorted(b.facts));
        expect(factsHash(a.facts, 'A') === factsHash(b.facts, 'A')).toBe(sameFacts);
      }),
      { numRuns: 3_000 },
    );
  });

  it('of facts tells the source systems apart', () => {
    expect(factsHash(FACTS, 'A')).not.toBe(factsHash(FACTS, 'B'));
  });

  it('stays what it is, since ledgers hold it', () => {
    expect(
      contentHash({ key: { type: 'domain', value: 'a.com' }, facts: FACTS, sources: ['A'] }),
    ).toMatchInlineSnapshot(`"cyW3t-Z8vF28SqxU-uQ5eN"`);
    expect(factsHash(FACTS, 'A')).toMatchInlineSnapshot(`"p2y5aMRhkUkadVCJfoXP2s"`);
  });
});

function sorted(object: object): unknown {
  return Object.entries(object).toSorted(([a], [b]) => (a < b ? -1 : 1));
}
