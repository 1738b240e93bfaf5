import { expect, test } from 'vitest';
import { canonicalUntyped } from '../../indicators/untyped.ts';

test.each([
  ['evil.example.com', 'domain', 'evil.example.com'],
  ['EVIL[.]example(dot)com.', 'domain', 'evil.example.com'],
  ['evil.example.com:8443', 'domain', 'evil.example.com'],
  ['evil.example.com/', 'domain', 'evil.example.com'],
  ['bücher.example.com', 'domain', 'xn--bcher-kva.example.com'],
  ['"evil.example.com",', 'domain', 'evil.example.com'],
  ['domain: evil.example.com', 'domain', 'evil.example.com'],
  ['Host Name = evil.example.com', 'domain', 'evil.example.com'],
  ['ip:203.0.113.9', 'ipv4', '203.0.113.9'],
  ['203[.]0[.]113[.]9:443', 'ipv4', '203.0.113.9'],
  ['203.0.113.9/32', 'ipv4', '203.0.113.9'],
  ['2001:DB8:0::1', 'ipv6', '2001:db8::1'],
  ['[2001:db8::1]:443', 'ipv6', '2001:db8::1'],
  ['ipv6-addr:2001:db8::1', 'ipv6', '2001:db8::1'],
  ['hxxps[:]//evil[.]example[.]com/A?b=c', 'url', 'https://evil.example.com/A?b=c'],
  ['url:hxxp://evil.example.com', 'url', 'http://evil.example.com/'],
  ['evil.example.com/a/b', 'url', 'http://evil.example.com/a/b'],
  ['evil.example.com/24', 'url', 'http://evil.example.com/24'],
  ['evil[.]example[.]com[/]a', 'url', 'http://evil.example.com/a'],
  ['ftp://203.0.113.9/x', 'url', 'ftp://203.0.113.9/x'],
  ['Someone[@]evil[.]example[.]com', 'email', 'Someone@evil.example.com'],
  ['mailto:a@evil.example.com?subject=x', 'email', 'a@evil.example.com'],
  ['email: a at evil dot example.com', 'email', 'a@evil.example.com'],
  ['D41D8CD98F00B204E9800998ECF8427E', 'md5', 'd41d8cd98f00b204e9800998ecf8427e'],
  ['sha1: da39a3ee5e6b4b0d3255bfef95601890afd80709', 'sha1', 'da39a3ee5e6b4b0d3255bfef95601890afd80709'],
  ['hash=da39a3ee5e6b4b0d3255bfef95601890afd80709', 'sha1', 'da39a3ee5e6b4b0d3255bfef95601890afd80709'],
  [`SHA-256 ${'ab'.repeat(32)}`, 'sha256', 'ab'.repeat(32)],
])('%s is a value of type %s', (text, type, value) => {
  expect(canonicalUntyped(text)).toMatchObject({ ok: true, key: { type, value } });
});

test.each([
  ['', 'the value is empty'],
  ['10.0.0.0/8', 'a network (/8), which is not one address'],
  ['2001:db8::/32', 'a network (/32), which is not one address'],
  ['localhost', 'not a full domain name, which has at least one dot'],
  ['some words of a report', 'not a valid domain name'],
  ['*.example.com', 'a wildcard, which is not one domain name'],
  ['010.1.1.1', 'an IPv4 address in a spelling that programs read as different addresses'],
  ['00:11:22:33:44:55', 'not a valid IPv6 address'],
  ['a@b', 'the domain of the e-mail address is not valid'],
  ['http://[::1', 'the host of the URL is not valid'],
  ['ab'.repeat(64), 'not 32 hexadecimal digits, as md5 has: SHA-512 is not supported'],
  ['domain:', 'the value is empty'],
  ['evil.example.com:99999', 'the port is out of range'],
])('%s is none: %s', (text, reason) => {
  expect(canonicalUntyped(text)).toEqual({ ok: false, reason });
});
