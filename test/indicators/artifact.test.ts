import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ARTIFACT_TYPES, type ArtifactType, subjectOf } from '../../indicators/artifact.ts';
import { observableText } from './arbitraries.ts';

function subject(type: ArtifactType, value: string): string {
  const read = subjectOf(type, value);
  return read.kind === 'host' ? `${read.host} of ${read.key.type}` : read.kind;
}

describe('the host behind', () => {
  it.each<[ArtifactType, string, string]>([
    ['ipv4', '198.51.100.3', '198.51.100.3 of ipv4'],
    ['ipv4', '2001:DB8::1', '2001:db8::1 of ipv6'],
    ['ipv6', '2001:db8:0:0::1', '2001:db8::1 of ipv6'],
    ['domain', 'EVIL[.]Example.', 'evil.example of domain'],
    ['url', 'hxxps://Evil.Example:8443/Path?q=1#f', 'evil.example of url'],
    ['url', 'https://user:secret@198.51.100.3/a', '198.51.100.3 of url'],
    ['url', 'http://[2001:db8::1]/', '2001:db8::1 of url'],
    ['url', 'mailto:who@Evil.Example', 'evil.example of email'],
    ['email', 'Who@Evil.Example', 'evil.example of email'],
    ['email', 'who@[198.51.100.3]', '198.51.100.3 of email'],
    ['hash', 'd41d8cd98f00b204e9800998ecf8427e', 'hash'],
    ['hash', 'not a hash', 'hash'],
    ['other', 'evil.example', 'no-host'],
    ['ipv4', '198.51.100.0/24', 'no-host'],
    ['domain', '', 'no-host'],
    ['domain', 'two words', 'no-host'],
    ['domain', 'a\0.example', 'no-host'],
    ['url', 'http://evil.example/\ud800', 'no-host'],
    ['url', 'http:///only/a/path', 'no-host'],
    ['email', 'nobody', 'no-host'],
  ])('%s %j is %s', (type, value, expected) => {
    expect(subject(type, value)).toBe(expected);
  });

  it('a URL that is too long for one is nobody’s, and one as long as may be is told', () => {
    expect(subject('url', `http://evil.example/${'a'.repeat(8_000)}`)).toBe('evil.example of url');
    expect(subject('url', `http://evil.example/${'a'.repeat(9_000)}`)).toBe('no-host');
  });

  it('any text of any type is told without a throw, and a host that is told stands for itself', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ARTIFACT_TYPES), observableText, (type, text) => {
        const read = subjectOf(type, text);
        if (read.kind !== 'host') return;
        const again = (['ipv4', 'domain'] as const).map((one) => subjectOf(one, read.host)).find(isHost);
        expect(again).toMatchObject({ host: read.host });
      }),
    );
  });

  it('is the same however a value is cased', () => {
    fc.assert(
      fc.property(fc.domain(), (domain) => {
        expect(subject('domain', domain.toUpperCase())).toBe(subject('domain', domain));
      }),
    );
  });
});

function isHost({ kind }: ReturnType<typeof subjectOf>): boolean {
  return kind === 'host';
}
