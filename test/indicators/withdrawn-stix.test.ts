import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { stixIndicator } from '../../indicators/stix.ts';
import { withdrawnStix } from '../../indicators/withdrawn-stix.ts';
import { anyFacts, FACTS } from './arbitraries.ts';
import { anyVersion, DIALECT, FIRST_VERSION } from './stix-arbitraries.ts';

const KEY = { type: 'domain', value: 'evil.example' } as const;
const HELD = stixIndicator(
  { indicator: { key: KEY, facts: FACTS, sources: [] }, verdict: { kind: 'none' } },
  DIALECT,
  FIRST_VERSION,
);
const NOW = '2026-01-20T12:00:00.000Z';

describe('a withdrawn indicator', () => {
  it('is the next version of the same object, and says so as the destination wants', () => {
    const next = { ...HELD, modified: NOW };
    expect(withdrawnStix(HELD, NOW, 'revoke')).toEqual({ ...next, revoked: true });
    expect(withdrawnStix(HELD, NOW, 'end')).toEqual({ ...next, valid_until: NOW });
    expect(withdrawnStix(HELD, NOW, 'revoke-and-end')).toEqual({ ...next, revoked: true, valid_until: NOW });
  });

  it('ends a millisecond after its start when that has not come, and keeps an end that has', () => {
    const future = { ...HELD, valid_from: '2026-03-01T00:00:00.000Z', valid_until: '2026-04-01T00:00:00.000Z' };
    expect(withdrawnStix(future, NOW, 'end').valid_until).toBe('2026-03-01T00:00:00.001Z');
    expect(withdrawnStix(HELD, HELD.valid_from, 'end').valid_until).toBe('2026-01-05T10:00:00.001Z');
    const over = { ...HELD, valid_until: '2026-01-10T00:00:00.000Z' };
    expect(withdrawnStix(over, NOW, 'end').valid_until).toBe(over.valid_until);
    const running = { ...HELD, valid_until: '2026-02-10T00:00:00.000Z' };
    expect(withdrawnStix(running, NOW, 'end').valid_until).toBe(NOW);
  });

  it('gets no more versions once it is revoked', () => {
    const revoked = withdrawnStix(HELD, NOW, 'revoke');
    expect(withdrawnStix(revoked, '2026-01-21T00:00:00.000Z', 'revoke-and-end')).toEqual(revoked);
  });

  it('keeps what a server has added', () => {
    expect(withdrawnStix({ ...HELD, x_opencti_id: 'a' }, NOW, 'end').x_opencti_id).toBe('a');
  });
});

test('whatever the clock says, it is newer and ends after its start', () => {
  fc.assert(
    fc.property(anyFacts, anyVersion, anyVersion, (facts, version, { now }) => {
      const held = stixIndicator(
        { indicator: { key: KEY, facts, sources: [] }, verdict: { kind: 'none' } },
        DIALECT,
        version,
      );
      const { modified, valid_until } = withdrawnStix(held, now, 'revoke-and-end');
      expect(modified > held.modified).toBe(true);
      expect(valid_until !== undefined && valid_until > held.valid_from).toBe(true);
    }),
  );
});
