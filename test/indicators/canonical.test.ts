import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalKey } from '../../indicators/canonical.ts';
import type { IndicatorType } from '../../indicators/indicator.ts';
import { hostOf } from '../../indicators/url.ts';
import { anyType, observableText } from './arbitraries.ts';

function read(type: IndicatorType, raw: string): string {
  const result = canonicalKey(type, raw);
  return result.ok ? `${result.key.type} ${result.key.value}` : `refused: ${result.reason}`;
}

describe('the canonical key of', () => {
  it.each<[IndicatorType, string, string]>([
    ['ipv4', '198.51.100.3', 'ipv4 198.51.100.3'],
    ['ipv4', ' "198[.]51(.)100[dot]3" ', 'ipv4 198.51.100.3'],
    ['ipv4', '[198.51.100.3]', 'ipv4 198.51.100.3'],
    ['ipv4', '198.51.100.3/32', 'ipv4 198.51.100.3'],
    ['ipv4', '198.51.100.3:8443', 'ipv4 198.51.100.3'],
    ['ipv4', '2001:DB8:0:0::1', 'ipv6 2001:db8::1'],
    ['ipv6', '2001:db8::1/128', 'ipv6 2001:db8::1'],
    ['ipv6', '[2001:db8::1]', 'ipv6 2001:db8::1'],
    ['ipv6', '[2001:db8::1]:443', 'ipv6 2001:db8::1'],
    ['ipv6', '::ffff:198.51.100.3', 'ipv4 198.51.100.3'],
    ['ipv6', '198.51.100.3', 'ipv4 198.51.100.3'],
    ['domain', 'EVIL.Example.', 'domain evil.example'],
    ['domain', 'evil[.]example', 'domain evil.example'],
    ['domain', `"<'evil.example'>"`, 'domain evil.example'],
    ['domain', '_dmarc.evil.example', 'domain _dmarc.evil.example'],
    ['domain', 'bücher.example', 'domain xn--bcher-kva.example'],
    ['domain', 'evil。example', 'domain evil.example'],
    ['domain', '198.51.100.3', 'ipv4 198.51.100.3'],
    ['domain', '１９８.51.100.3', 'ipv4 198.51.100.3'],
    ['url', 'HTTP://Evil.Example:80', 'url http://evil.example/'],
    ['url', 'https://evil.example:443/A%7e?q=[.]#F', 'url https://evil.example/A%7e?q=[.]#F'],
    ['url', 'https://evil.example:08443?q', 'url https://evil.example:8443/?q'],
    ['url', 'hxxps[://]evil[.]example[:]8080/a', 'url https://evil.example:8080/a'],
    ['url', 'evil[.]example/a?u=http://x', 'url http://evil.example/a?u=http://x'],
    ['url', 'http://[2001:DB8::1]:8080/', 'url http://[2001:db8::1]:8080/'],
    ['url', 'http://user:pa@ss@evil.example/', 'url http://user:pa@ss@evil.example/'],
    ['url', 'http://evil.example/a b', 'url http://evil.example/a%20b'],
    ['url', 'http://%65vil.example/', 'url http://evil.example/'],
    ['url', 'http://0x7f.1/', 'url http://127.0.0.1/'],
    ['email', 'Mallory[@]EVIL[.]example', 'email Mallory@evil.example'],
    ['email', '<mailto:mallory@evil.example>', 'email mallory@evil.example'],
    ['email', 'mallory@[198.51.100.3]', 'email mallory@[198.51.100.3]'],
    ['email', 'mallory@[ipv6:2001:DB8::1]', 'email mallory@[IPv6:2001:db8::1]'],
    ['md5', 'D41D8CD98F00B204E9800998ECF8427E', 'md5 d41d8cd98f00b204e9800998ecf8427e'],
    ['sha1', `'${'A'.repeat(40)}'`, `sha1 ${'a'.repeat(40)}`],
    ['sha256', `${'0'.repeat(64)}\n`, `sha256 ${'0'.repeat(64)}`],
  ])('%s %s is %s', (type, raw, wanted) => {
    expect(read(type, raw)).toBe(wanted);
  });

  it.each<[IndicatorType, string, string]>([
    ['ipv4', '', 'the value is empty'],
    ['ipv4', '198.51.100.0/24', 'a network (/24), which is not one address'],
    ['ipv6', '2001:db8::/32', 'a network (/32), which is not one address'],
    ['ipv4', 'evil.example', 'not an IP address'],
    ['ipv4', '198.51.100.256', 'neither an IP address nor a domain name'],
    ['ipv4', '010.1.1.1', 'neither an IP address nor a domain name'],
    ['ipv6', 'fe80::1%eth0', 'not a valid IPv6 address'],
    ['domain', 'localhost', 'not a full domain name, which has at least one dot'],
    ['domain', '*.evil.example', 'a wildcard, which is not one domain name'],
    ['domain', 'evil..example', 'not a valid domain name'],
    ['domain', 'evil.example/path', 'not a valid domain name'],
    ['domain', `${'a'.repeat(64)}.example`, 'not a valid domain name'],
    ['domain', `${'a.'.repeat(130)}example`, 'longer than a domain name can be'],
    ['domain', 'evil\u0000.example', 'the value has control characters or broken Unicode'],
    ['url', 'http://evil.example/\ud800', 'the value has control characters or broken Unicode'],
    ['url', 'javascript:alert(1)', 'the host of the URL is not valid'],
    ['url', 'http://a.example\\@b.example/', 'not a URL'],
    ['url', 'http://evil.example:65536/', 'the port of the URL is out of range'],
    ['url', 'http:///path', 'the host of the URL is not a valid domain name'],
    ['email', '@evil.example', 'not an e-mail address'],
    ['email', 'a b@evil.example', 'not an e-mail address'],
    ['email', 'mallory@localhost', 'the domain of the e-mail address is not valid'],
    ['md5', 'abc', 'not 32 hexadecimal digits, as md5 has'],
    ['sha1', 'g'.repeat(40), 'not 40 hexadecimal digits, as sha1 has'],
  ])('%s %s is refused', (type, raw, reason) => {
    expect(read(type, raw)).toBe(`refused: ${reason}`);
  });

  it('is its own canonical key, whatever the text', () => {
    fc.assert(
      fc.property(anyType, observableText, (type, raw) => {
        const once = canonicalKey(type, raw);
        if (once.ok) expect(canonicalKey(once.key.type, once.key.value)).toEqual(once);
      }),
      { numRuns: 20_000 },
    );
  });

  it('has no blanks, and names the host that it is about', () => {
    fc.assert(
      fc.property(anyType, observableText, (type, raw) => {
        const result = canonicalKey(type, raw);
        if (!result.ok) return;
        expect(result.key.value).not.toMatch(/\s/);
        const host = hostOf(result.key);
        expect(host === null).toBe(['md5', 'sha1', 'sha256'].includes(result.key.type));
        if (host !== null) expect(canonicalKey(host.type, host.value)).toEqual({ ok: true, key: host });
      }),
      { numRuns: 5_000 },
    );
  });

  it('never repeats the value in a reason', () => {
    fc.assert(
      fc.property(anyType, observableText, (type, raw) => {
        const result = canonicalKey(type, raw);
        const text = raw.trim();
        if (!result.ok && text.length > 6) expect(result.reason).not.toContain(text);
      }),
    );
  });

  it('takes defanged and quoted spellings for the same', () => {
    fc.assert(
      fc.property(fc.domain(), (domain) => {
        const plain = canonicalKey('domain', domain);
        for (const spelled of [domain.toUpperCase(), domain.replaceAll('.', '[.]'), `"${domain}"`, ` ${domain}. `]) {
          expect(canonicalKey('domain', spelled)).toEqual(plain);
        }
        const url = canonicalKey('url', `https://${domain}/`);
        expect(canonicalKey('url', `hXXps://${domain.replaceAll('.', '(.)')}:443`)).toEqual(url);
      }),
    );
  });
});
