import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { canonicalKey } from '../../indicators/canonical.ts';
import { createExclusion } from '../../indicators/exclusion.ts';
import type { ExclusionList } from '../../indicators/exclusion-list.ts';
import type { Facts, IndicatorType } from '../../indicators/indicator.ts';
import type { Policy } from '../../indicators/policy.ts';
import { FACTS, POLICY } from './arbitraries.ts';
import { listOf } from './list-of.ts';

const NOW = new Date('2026-01-20T12:00:00Z');

function reason(
  type: IndicatorType,
  value: string,
  policy: Partial<Policy> = {},
  facts: Partial<Facts> = {},
  lists: readonly ExclusionList[] = [],
): string | null {
  const canonical = canonicalKey(type, value);
  if (!canonical.ok) throw new Error(canonical.reason);
  const indicator = { key: canonical.key, facts: { ...FACTS, ...facts }, sources: [] };
  return createExclusion({ ...POLICY, ...policy }, () => lists)(indicator, NOW);
}

const PASSING: Partial<Policy> = { exclude: { reservedAddresses: false, emptyContent: false } };

describe('exclusion', () => {
  it.each<[IndicatorType, string]>([
    ['ipv4', '10.1.2.3'],
    ['ipv4', '127.0.0.1'],
    ['ipv4', '169.254.1.1'],
    ['ipv4', '100.64.0.1'],
    ['ipv4', '224.0.0.1'],
    ['ipv4', '0.0.0.0'],
    ['ipv4', '255.255.255.255'],
    ['ipv4', '192.0.2.1'],
    ['ipv4', '198.51.100.3'],
    ['ipv6', '::1'],
    ['ipv6', 'fe80::1'],
    ['ipv6', 'fd00::1'],
    ['ipv6', '2001:db8::1'],
    ['ipv6', '::ffff:10.0.0.1'],
    ['ipv6', '64:ff9b::a00:1'],
    ['ipv6', '64:ff9b::10.0.0.1'],
    ['ipv6', '64:ff9b:1::808:808'],
    ['ipv6', '64:ff9b:1:ffff::1'],
    ['ipv6', '::ffff:0:10.0.0.1'],
    ['ipv6', '2002:c0a8:101::'],
    ['ipv6', '2002:7f00:1::5'],
    ['ipv6', '2001:0:4136:e378:8000:63bf:f5ff:fffe'],
    ['ipv6', '2001:0:a00:1:8000:63bf:f7f7:f7f7'],
    ['ipv6', '2606:4700::5efe:10.0.0.1'],
    ['ipv6', '2606:4700::200:5efe:192.168.1.1'],
    ['ipv6', '::172.26.107.11'],
    ['ipv6', '::ac1a:6b0b'],
    ['ipv6', '::2'],
    ['ipv6', '4000::1'],
    ['ipv6', '::1:0:0:0'],
    ['ipv6', '100:0:0:1::1'],
    ['ipv6', '::ffff:0:0:a00:1'],
    ['url', 'http://[4000::1]/'],
    ['url', 'http://[64:ff9b::a00:1]/x'],
    ['url', 'https://[2002:c0a8:101::]:8443/x'],
    ['url', 'http://[::172.26.107.11]/'],
    ['url', 'http://[::ffff:ac1a:6b0b]/'],
    ['email', 'a@[IPv6:64:ff9b::a00:1]'],
    ['email', 'a@[IPv6:2002:c0a8:101::]'],
    ['url', 'http://192.168.0.1:8080/x'],
    ['url', 'http://[fd00::1]/x'],
    ['email', 'a@[10.0.0.1]'],
    ['email', 'a@[IPv6:fd00::1]'],
    ['domain', 'printer.local'],
    ['domain', 'www.example'],
    ['url', 'http://user@evil.test/'],
    ['email', 'a@host.internal'],
    ['domain', 'router.home.arpa'],
  ])('%s %s is reserved, unless the policy lets it pass', (type, value) => {
    expect(reason(type, value)).toBe('reserved-address');
    expect(reason(type, value, PASSING)).toBeNull();
  });

  it.each<[IndicatorType, string]>([
    ['ipv4', '8.8.8.8'],
    ['ipv6', '2606:4700::1'],
    ['ipv6', '2002:808:808::1'],
    ['ipv6', '64:ff9b::8.8.8.8'],
    ['ipv6', '::8.8.8.8'],
    ['ipv6', '2001:0:4136:e378:8000:63bf:f7f7:f7f7'],
    ['ipv6', '2606:4700::5efe:8.8.8.8'],
    ['ipv6', '2606:4700::a00:1'],
    ['url', 'http://[64:ff9b::808:808]/'],
    ['domain', 'evil.onion'],
    ['domain', 'local.evil.com'],
    ['domain', 'notlocal.com'],
    ['url', 'http://10.evil.com/10.0.0.1'],
    ['md5', '0'.repeat(32)],
  ])('%s %s is not', (type, value) => {
    expect(reason(type, value)).toBeNull();
  });

  it.each<[IndicatorType, string, string | null]>([
    ['ipv4', '8.8.8.8', 'listed-cidr'],
    ['ipv4', '8.8.9.1', null],
    ['ipv4', '9.9.9.9', 'listed-cidr'],
    ['ipv6', '2606:4700::1', 'listed-cidr'],
    ['url', 'https://8.8.8.9/', 'listed-cidr'],
    ['ipv6', '64:ff9b::808:808', 'listed-cidr'],
    ['url', 'http://[2002:808:808::1]/', 'listed-cidr'],
    ['ipv4', '7.7.7.7', 'listed-cidr'],
    ['domain', 'our.com', 'listed-domain'],
    ['domain', 'deep.below.our.com', 'listed-domain'],
    ['domain', 'notour.com', null],
    ['domain', 'our.com.evil.com', null],
    ['url', 'https://www.our.com/x', 'listed-domain'],
    ['email', 'a@bücher.de', 'listed-domain'],
    ['domain', 'any.zip', 'listed-domain'],
  ])('by lists: %s %s is %s', (type, value, wanted) => {
    const listed = [
      listOf('cidrs', '8.8.8.0/24', '9.9.9.9', '2606:4700::/32', '::ffff:7.7.7.0/120'),
      listOf('domains', '*.Our.com.', 'bücher.de', '.zip'),
    ];
    expect(reason(type, value, PASSING, {}, listed)).toBe(wanted);
  });

  it('is by the marking, and by the default where there is none', () => {
    expect(reason('ipv4', '8.8.8.8', {}, { tlp: 'amber' })).toBeNull();
    expect(reason('ipv4', '8.8.8.8', {}, { tlp: 'amber+strict' })).toBe('above-tlp-ceiling');
    expect(reason('ipv4', '8.8.8.8', { tlpDefault: 'red' }, { tlp: null })).toBe('above-tlp-ceiling');
    expect(reason('ipv4', '8.8.8.8', { tlpDefault: 'red' }, { tlp: 'clear' })).toBeNull();
  });

  it('is by the end, exactly when it is reached', () => {
    expect(reason('ipv4', '8.8.8.8', {}, { validUntil: '2026-01-20T12:00:00.0000000Z' })).toBe('expired');
    expect(reason('ipv4', '8.8.8.8', {}, { validUntil: '2026-01-20T12:00:00.0010000Z' })).toBeNull();
    expect(reason('ipv4', '10.0.0.1', {}, { ended: 'revoked', validUntil: '2020-01-01T00:00:00.0000000Z' })).toBe(
      'revoked',
    );
  });

  it.each(
    Object.entries({ 'no content': '', 'a line feed': '\n', 'a blank': ' ', 'a zero byte': '\0', 'CR LF': '\r\n' }),
  )('takes the hashes of %s for what they are', (_, content) => {
    for (const type of ['md5', 'sha1', 'sha256'] as const) {
      const hash = createHash(type).update(content).digest('hex');
      expect(reason(type, hash.toUpperCase())).toBe('empty-content');
      expect(reason(type, hash, PASSING)).toBeNull();
    }
    expect(reason('md5', createHash('md5').update(`${content}x`).digest('hex'))).toBeNull();
  });
});
