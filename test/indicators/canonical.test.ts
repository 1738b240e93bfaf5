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
    ['ipv4', '[198.51.100.3]:443', 'ipv4 198.51.100.3'],
    ['ipv4', '198.51.100.3/', 'ipv4 198.51.100.3'],
    ['ipv4', '198.51.100[.3', 'ipv4 198.51.100.3'],
    ['ipv4', '198\\.51\\.100\\.3', 'ipv4 198.51.100.3'],
    ['ipv4', '198 [.] 51 { . } 100 (dot) 3', 'ipv4 198.51.100.3'],
    ['ipv4', '\u200b198.51\u00ad.100.\u200d3,\u00a0', 'ipv4 198.51.100.3'],
    ['ipv4', 'http://198.51.100.3/a', 'url http://198.51.100.3/a'],
    ['ipv4', '2001:DB8:0:0::1', 'ipv6 2001:db8::1'],
    ['ipv6', '2001:db8::1/128', 'ipv6 2001:db8::1'],
    ['ipv6', '[2001:db8::1]', 'ipv6 2001:db8::1'],
    ['ipv6', '[2001:db8::1]:443', 'ipv6 2001:db8::1'],
    ['ipv6', '[2001:db8::1]/128', 'ipv6 2001:db8::1'],
    ['ipv6', '2001[:]db8[:][:]1', 'ipv6 2001:db8::1'],
    ['ipv6', '2001:0DB8:0000:0000:0000:0000:198.51.100.3', 'ipv6 2001:db8::c633:6403'],
    ['ipv6', '::ffff:198.51.100.3', 'ipv4 198.51.100.3'],
    ['ipv6', '::FFFF:c633:6403', 'ipv4 198.51.100.3'],
    ['ipv6', '::198.51.100.3', 'ipv4 198.51.100.3'],
    ['ipv6', '::172.26.107.11', 'ipv4 172.26.107.11'],
    ['ipv6', '::ac1a:6b0b', 'ipv4 172.26.107.11'],
    ['ipv6', '0:0:0:0:0:0:172.26.107.11', 'ipv4 172.26.107.11'],
    ['ipv6', '64:ff9b::10.0.0.1', 'ipv6 64:ff9b::a00:1'],
    ['ipv6', '::1', 'ipv6 ::1'],
    ['ipv6', '198.51.100.3', 'ipv4 198.51.100.3'],
    ['domain', 'EVIL.Example.', 'domain evil.example'],
    ['domain', 'evil[.]example', 'domain evil.example'],
    ['domain', `"<'evil.example'>"`, 'domain evil.example'],
    ['domain', '_dmarc.evil.example', 'domain _dmarc.evil.example'],
    ['domain', '-sso.example.com', 'domain -sso.example.com'],
    ['domain', 'sso-.-.example.com', 'domain sso-.-.example.com'],
    ['domain', '_443._tcp._x_.example.com', 'domain _443._tcp._x_.example.com'],
    ['domain', 'evil\\.example\\.com', 'domain evil.example.com'],
    ['domain', 'evil{.}example[dot]com(dot)test', 'domain evil.example.com.test'],
    ['domain', 'evil dot example', 'domain evil.example'],
    ['domain', 'evil.example/', 'domain evil.example'],
    ['domain', 'evil.example:8080/', 'domain evil.example'],
    ['domain', '«evil.example».', 'domain evil.example'],
    ['domain', 'evil\u200b.exam\ufeffple', 'domain evil.example'],
    ['domain', 'XN--BCHER-KVA.example', 'domain xn--bcher-kva.example'],
    ['domain', 'https://evil.example/a', 'url https://evil.example/a'],
    ['domain', 'hxxp[:]//evil[.]example', 'url http://evil.example/'],
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
    ['url', 'hxxps[://]x[.]com/a[.]txt', 'url https://x.com/a.txt'],
    ['url', 'hxxps[://]x[.]com/a[.]txt#[email]', 'url https://x.com/a.txt#[email]'],
    ['url', 'https://x.com/?to=[[-Email-]]#[email]', 'url https://x.com/?to=[[-Email-]]#[email]'],
    ['url', 'hxxp://x[.]com/?u=hxxps[://]y[.]com[/]b', 'url http://x.com/?u=https://y.com/b'],
    ['url', 'x[.]com[/]a[.]txt', 'url http://x.com/a.txt'],
    ['url', 'hXXp[:]//x.com/m[at]y(dot)com', 'url http://x.com/m@y.com'],
    ['url', 'h**p://x.com/', 'url http://x.com/'],
    ['url', 'meow://x.com/', 'url http://x.com/'],
    ['url', 'fxp:[//]x{.}com/', 'url ftp://x.com/'],
    ['url', 'http[s]://x.com/', 'url https://x.com/'],
    ['url', '[https]://x.com/', 'url https://x.com/'],
    ['url', String.raw`https:\/\/x.com\/a`, 'url https://x.com/a'],
    ['url', String.raw`http://x\.com/a\.txt`, 'url http://x.com/a.txt'],
    ['url', 'x.com[:]8080/a', 'url http://x.com:8080/a'],
    ['url', '"http://x.com/a",', 'url http://x.com/a'],
    ['url', 'http://x.com;', 'url http://x.com/'],
    ['url', 'http://x.com/a;', 'url http://x.com/a;'],
    ['url', '\ufeffhttp://x\u200b.com/a\u200bb', 'url http://x.com/ab'],
    ['url', 'http://-a.example.com/', 'url http://-a.example.com/'],
    ['url', 'http://[::172.26.107.11]/', 'url http://172.26.107.11/'],
    ['url', 'mailto:mallory@evil.example', 'email mallory@evil.example'],
    ['url', 'mailto://mallory@evil.example', 'email mallory@evil.example'],
    ['url', 'mailto[:]//mallory[@]evil[.]example', 'email mallory@evil.example'],
    ['domain', 'mailto://mallory@evil.example?subject=a', 'email mallory@evil.example'],
    ['url', 'mallory[@]evil.example', 'email mallory@evil.example'],
    ['email', 'Mallory[@]EVIL[.]example', 'email Mallory@evil.example'],
    ['email', '<mailto:mallory@evil.example>', 'email mallory@evil.example'],
    ['email', 'mallory at evil dot example', 'email mallory@evil.example'],
    ['email', 'mal[.]lory{at}evil{dot}example;', 'email mal.lory@evil.example'],
    ['email', 'mailto:mallory@evil.example?subject=a', 'email mallory@evil.example'],
    ['email', 'mallory@[IPv6:::ac1a:6b0b]', 'email mallory@[172.26.107.11]'],
    ['email', 'mallory@[198.51.100.3]', 'email mallory@[198.51.100.3]'],
    ['email', 'mallory@[ipv6:2001:DB8::1]', 'email mallory@[IPv6:2001:db8::1]'],
    ['md5', 'D41D8CD98F00B204E9800998ECF8427E', 'md5 d41d8cd98f00b204e9800998ecf8427e'],
    ['sha1', `'${'A'.repeat(40)}'`, `sha1 ${'a'.repeat(40)}`],
    ['sha256', `${'0'.repeat(64)}\n`, `sha256 ${'0'.repeat(64)}`],
    ['sha256', 'a'.repeat(40), `sha1 ${'a'.repeat(40)}`],
    ['md5', 'a'.repeat(64), `sha256 ${'a'.repeat(64)}`],
    ['sha1', `SHA1: ${'A'.repeat(40)}`, `sha1 ${'a'.repeat(40)}`],
    ['sha256', `sha-256=${'b'.repeat(64)}`, `sha256 ${'b'.repeat(64)}`],
    ['sha256', `MD5 ${'b'.repeat(32)}`, `md5 ${'b'.repeat(32)}`],
    ['md5', Array<string>(16).fill('A1').join('-'), `md5 ${'a1'.repeat(16)}`],
    ['sha1', `${'a'.repeat(40)},`, `sha1 ${'a'.repeat(40)}`],
    ['sha1', `SHA1:  ${'a'.repeat(40)}`, `sha1 ${'a'.repeat(40)}`],
    ['sha1', `SHA-1 hash: ${'a'.repeat(40)}`, `sha1 ${'a'.repeat(40)}`],
    ['sha1', `sha1:${Array<string>(20).fill('a1').join(':')}`, `sha1 ${'a1'.repeat(20)}`],
  ])('%s %s is %s', (type, raw, wanted) => {
    expect(read(type, raw)).toBe(wanted);
  });

  it.each<[IndicatorType, string, string]>([
    ['ipv4', '', 'the value is empty'],
    ['ipv4', '198.51.100.0/24', 'a network (/24), which is not one address'],
    ['ipv6', '2001:db8::/32', 'a network (/32), which is not one address'],
    ['ipv4', 'evil.example', 'not an IP address'],
    ['ipv4', '198.51.100.256', 'neither an IP address nor a domain name'],
    ['ipv4', '010.1.1.1', 'an IPv4 address in a spelling that programs read as different addresses'],
    ['ipv4', '0x7f.1', 'an IPv4 address in a spelling that programs read as different addresses'],
    ['ipv4', '０x7f.1', 'an IPv4 address in a spelling that programs read as different addresses'],
    ['ipv4', '０１０.1.1.1', 'an IPv4 address in a spelling that programs read as different addresses'],
    ['ipv4', '198.51.100.3:99999', 'the port is out of range'],
    ['ipv6', '::ffff:010.1.1.1', 'not a valid IPv6 address'],
    ['ipv6', '64:ff9b::0x7f.0.0.1', 'not a valid IPv6 address'],
    ['ipv6', 'fe80::1%eth0', 'not a valid IPv6 address'],
    ['domain', 'localhost', 'not a full domain name, which has at least one dot'],
    ['domain', '*.evil.example', 'a wildcard, which is not one domain name'],
    ['domain', 'evil.-com', 'not a valid domain name'],
    ['domain', 'evil .example', 'not a valid domain name'],
    ['domain', 'evil..example', 'not a valid domain name'],
    ['domain', 'evil.example/path', 'not a valid domain name'],
    ['domain', `${'a'.repeat(64)}.example`, 'not a valid domain name'],
    ['domain', `${'a.'.repeat(130)}example`, 'longer than a domain name can be'],
    ['domain', 'evil\u0000.example', 'the value has control characters or broken Unicode'],
    ['url', 'http://evil.example/\ud800', 'the value has control characters or broken Unicode'],
    ['url', 'javascript:alert(1)', 'the host of the URL is not valid'],
    ['url', 'http://a.example\\@b.example/', 'not a URL'],
    ['url', 'http://evil.example:65536/', 'the port of the URL is out of range'],
    [
      'url',
      'http://010.0.0.1/',
      'the host of the URL is an IPv4 address in a spelling that programs read as different addresses',
    ],
    ['url', 'http://user[[.]]@evil.example/', 'not a URL'],
    ['url', 'http:///path', 'the host of the URL is not a valid domain name'],
    ['email', '@evil.example', 'not an e-mail address'],
    ['domain', 'mailto://127', 'not an e-mail address'],
    ['url', 'mailto://127', 'not an e-mail address'],
    ['email', 'a b@evil.example', 'not an e-mail address'],
    ['email', 'mallory@localhost', 'the domain of the e-mail address is not valid'],
    ['md5', 'abc', 'not 32 hexadecimal digits, as md5 has'],
    ['sha1', 'g'.repeat(40), 'not 40 hexadecimal digits, as sha1 has'],
    ['sha256', 'a'.repeat(128), 'not 64 hexadecimal digits, as sha256 has: SHA-512 is not supported'],
    ['md5', `imphash: ${'a'.repeat(32)}`, 'not a hash, or labelled as one of a kind that is not supported'],
    ['sha256', `authentihash=${'a'.repeat(64)}`, 'not a hash, or labelled as one of a kind that is not supported'],
    ['md5', 'aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa', 'not 32 hexadecimal digits, as md5 has'],
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

  it('says when a hash is of another kind than its label', () => {
    const note = 'hash-kind-by-length';
    expect(canonicalKey('sha256', 'a'.repeat(40))).toMatchObject({ note });
    expect(canonicalKey('sha256', `SHA1: ${'a'.repeat(40)}`)).toMatchObject({ note });
    expect(canonicalKey('sha1', `SHA1: ${'a'.repeat(40)}`)).not.toHaveProperty('note');
  });

  it('is one for all spellings of one address', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 }), (groups) => {
        const full = groups.map((group) => group.toString(16).padStart(4, '0')).join(':');
        const plain = canonicalKey('ipv6', full);
        const [high = 0, low = 0] = groups.slice(6);
        const dotted = `${high >> 8}.${high & 0xff}.${low >> 8}.${low & 0xff}`;
        const mixed = `${full.split(':').slice(0, 6).join(':')}:${dotted}`;
        for (const spelled of [
          full.toUpperCase(),
          mixed,
          `[${full}]:443`,
          `${full}/128`,
          full.replaceAll(':', '[:]'),
        ]) {
          expect(canonicalKey('ipv6', spelled)).toEqual(plain);
        }
        for (const clothes of ['::', '::ffff:', '0:0:0:0:0:0:', '0::FFFF:']) {
          if (high > 0xff) expect(canonicalKey('ipv6', `${clothes}${dotted}`)).toEqual(canonicalKey('ipv4', dotted));
        }
      }),
      { seed: 23 },
    );
  });

  it('is one for a URL and its defanged twin, path and all', () => {
    const url = fc.webUrl({ withQueryParameters: true, withFragments: true });
    const dot = fc.constantFrom('[.]', '(.)', '{.}', '[dot]', '(DOT)', '\\.');
    const scheme = fc.constantFrom('hxxp', 'hXXp', 'h**p', 'http', 'meow');
    const colon = fc.constantFrom('[:]//', '[://]', ':[//]', '(:)//');
    fc.assert(
      fc.property(url, dot, scheme, colon, (plain, dots, name, separator) => {
        const [, rest = ''] = plain.split(/^https?:\/\//);
        const [, secure = ''] = /^http(s?)/.exec(plain) ?? [];
        // What the defanging of these dots would make of them anew.
        fc.pre(!/[\\()[\]{}]/.test(plain));
        const twin = `${name}${secure}${separator}${rest.replaceAll('.', dots)}`;
        expect(canonicalKey('url', twin)).toEqual(canonicalKey('url', plain));
      }),
      { seed: 24, numRuns: 1_000 },
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
