import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide, hostToLookUp } from '../../indicators/decide.ts';
import type { Indicator, IndicatorType } from '../../indicators/indicator.ts';
import type { Policy } from '../../indicators/policy.ts';
import type { Verdict } from '../../indicators/reputation.ts';
import { FACTS, POLICY } from './arbitraries.ts';

function of(type: IndicatorType, value: string): Indicator {
  return { key: { type, value }, facts: FACTS, sources: [] };
}

function without(change: Partial<Policy['withoutReputation']>): Policy {
  return { ...POLICY, withoutReputation: { ...POLICY.withoutReputation, ...change } };
}

const NONE: Verdict = { kind: 'none' };
const NOT_A_HOST: Verdict = { kind: 'not-a-host' };

describe('the decision', () => {
  it('delivers a host exactly when its score is at or above the minimum', () => {
    const percent = fc.integer({ min: 0, max: 100 });
    fc.assert(
      fc.property(percent, percent, (score, minimumScore) => {
        const verdict: Verdict = { kind: 'scored', score, classification: 'unknown', rules: [] };
        expect(decide(of('ipv4', '8.8.8.8'), verdict, { ...POLICY, minimumScore })).toEqual(
          score >= minimumScore
            ? { kind: 'deliver', reason: 'score-at-or-above-minimum', score }
            : { kind: 'hold', reason: 'score-below-minimum', score },
        );
      }),
    );
  });

  it('does with a host without reputation what the policy says', () => {
    expect(decide(of('domain', 'evil.com'), NONE, without({ host: 'hold' }))).toEqual({
      kind: 'hold',
      reason: 'no-reputation',
      score: null,
    });
    expect(decide(of('domain', 'evil.com'), NONE, without({ host: 'deliver' }))).toMatchObject({ kind: 'deliver' });
  });

  it.each<[IndicatorType, keyof Policy['withoutReputation']]>([
    ['md5', 'hash'],
    ['sha1', 'hash'],
    ['sha256', 'hash'],
    ['url', 'url'],
    ['email', 'email'],
  ])('does with %s what the policy says of %s', (type, setting) => {
    expect(decide(of(type, 'x'), NOT_A_HOST, without({ [setting]: 'deliver' }))).toEqual({
      kind: 'deliver',
      reason: 'delivered-without-reputation',
      score: null,
    });
    expect(decide(of(type, 'x'), NOT_A_HOST, without({ [setting]: 'hold' }))).toEqual({
      kind: 'hold',
      reason: 'held-without-reputation',
      score: null,
    });
  });

  it('judges a URL by its host when told to', () => {
    const byHost = without({ url: 'by-host' });
    const scored: Verdict = { kind: 'scored', score: 74, classification: 'suspicious', rules: [] };
    expect(decide(of('url', 'http://evil.com/'), scored, byHost)).toMatchObject({
      kind: 'hold',
      reason: 'score-below-minimum',
    });
    expect(decide(of('url', 'http://evil.com/'), NONE, byHost)).toMatchObject({
      kind: 'hold',
      reason: 'no-reputation',
    });
    expect(decide(of('url', 'http://evil.com/'), NOT_A_HOST, byHost)).toMatchObject({ kind: 'hold' });
  });

  it('needs the reputation of hosts, and of the hosts of URLs by-host', () => {
    const byHost = without({ url: 'by-host' });
    expect(hostToLookUp(of('ipv6', '2606:4700::1'), POLICY)).toBe('2606:4700::1');
    expect(hostToLookUp(of('domain', 'evil.com'), POLICY)).toBe('evil.com');
    expect(hostToLookUp(of('url', 'http://u@evil.com:8080/a@b'), POLICY)).toBeNull();
    expect(hostToLookUp(of('url', 'http://u@evil.com:8080/a@b'), byHost)).toBe('evil.com');
    expect(hostToLookUp(of('url', 'http://[2606:4700::1]:8080/'), byHost)).toBe('2606:4700::1');
    expect(hostToLookUp(of('email', 'a@evil.com'), byHost)).toBeNull();
    expect(hostToLookUp(of('md5', 'x'), byHost)).toBeNull();
  });
});
