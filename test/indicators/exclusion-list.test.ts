import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalKey } from '../../indicators/canonical.ts';
import { createEntryBehind, createExclusion } from '../../indicators/exclusion.ts';
import { createListOfEntries, type ExclusionList } from '../../indicators/exclusion-list.ts';
import type { Facts, Indicator, IndicatorType } from '../../indicators/indicator.ts';
import { LIST_KINDS, type ListKind } from '../../indicators/list-entry.ts';
import { merge, type Voice } from '../../indicators/merge.ts';
import { matches } from '../../indicators/name-patterns.ts';
import { isBySettings } from '../../indicators/policy.ts';
import { createSubstrings } from '../../indicators/substrings.ts';
import { hostOf } from '../../indicators/url.ts';
import { createWarningList, typesOfAttributes, type WarningType } from '../../indicators/warning-list.ts';
import { FACTS, POLICY } from './arbitraries.ts';
import { listOf } from './list-of.ts';

const NOW = new Date('2026-01-20T12:00:00Z');
const MD5 = 'd131dd02c5e6eec4693d9a0698aff95c';
const SHA1 = '38762cf7f55934b34d179ae6a4c80cadccbb7f0a';

function indicator(type: IndicatorType, value: string, facts: Partial<Facts> = {}): Indicator {
  const canonical = canonicalKey(type, value);
  if (!canonical.ok) throw new Error(canonical.reason);
  return { key: canonical.key, facts: { ...FACTS, ...facts }, sources: ['A'] };
}

const reasonFor = (one: Indicator, ...lists: readonly ExclusionList[]) =>
  createExclusion(POLICY, () => lists)(one, NOW);

describe('a list of values', () => {
  it.each<[ListKind, string, IndicatorType, string]>([
    ['hashes', MD5.toUpperCase(), 'md5', MD5],
    ['hashes', ` "${SHA1}" `, 'sha1', SHA1.toUpperCase()],
    ['urls', 'hxxps://Evil[.]Example.com', 'url', 'https://evil.example.com/'],
    ['urls', 'bücher.de/a', 'url', 'http://xn--bcher-kva.de/a'],
    ['emails', 'Some.One[@]evil[.]com', 'email', 'some.one@EVIL.com'],
    ['emails', 'some.one@evil.com', 'email', 'Some.One@evil.com'],
    ['domains', 'Evil[.]com', 'domain', 'www.evil.com'],
    ['domains', '-sso.evil.com', 'domain', '-sso.evil.com'],
    ['domains', '*.sso-.evil.com', 'url', 'http://a.sso-.evil.com/'],
    ['domains', 'evil dot com', 'domain', 'evil.com'],
    ['domains', 'BÜCHER.de', 'email', 'a@xn--bcher-kva.de'],
    ['cidrs', '8[.]8[.]8[.]0/24', 'url', 'http://8.8.8.8/'],
    ['cidrs', '::ffff:8.8.8.0/120', 'ipv4', '8.8.8.8'],
    ['cidrs', '2606:4700:0::/33', 'ipv6', '2606:4700::1'],
    ['cidrs', '0.0.0.0/0', 'ipv4', '8.8.8.8'],
  ])('%s: %s excludes the %s %s', (kind, entry, type, value) => {
    expect(reasonFor(indicator(type, value), listOf(kind, entry))).toMatch(/^listed-/);
  });

  it.each<[ListKind, string, IndicatorType, string]>([
    ['hashes', MD5, 'sha1', SHA1],
    ['urls', 'https://evil.example.com/a', 'url', 'https://evil.example.com/A'],
    ['urls', 'https://evil.example.com/', 'domain', 'evil.example.com'],
    ['emails', 'a@evil.com', 'email', 'b@evil.com'],
    ['cidrs', '2606:4700::/33', 'ipv6', '2606:4700:8000::1'],
    ['cidrs', '0.0.0.0/0', 'ipv6', '2606:4700::1'],
  ])('%s: %s leaves the %s %s', (kind, entry, type, value) => {
    expect(reasonFor(indicator(type, value), listOf(kind, entry))).toBeNull();
  });

  it.each<[ListKind, string, RegExp]>([
    ['hashes', 'abc', /^expected an MD5, SHA-1 or SHA-256 .* found "abc"$/],
    ['hashes', `${MD5}0`, /expected an MD5/],
    ['urls', 'http://', /expected a URL/],
    ['emails', 'evil.com', /expected an e-mail address/],
    ['cidrs', '10.0.0.0/33', /expected a network/],
    ['domains', 'https://a.example/x', /expected a domain/],
    ['threats', 'Mirai', /expected a threat: one of malware, c2, .* belong in tags/],
    ['threats', 'mirai*', /expected a threat/],
    ['tags', ' ', /expected a tag/],
    ['tags', 'TLP:RED', /expected a tag, .* belong in tlpCeiling/],
    ['emails', '*@evil.com', /expected an e-mail address .* belong in domains/],
    ['urls', 'a@evil.com', /expected a URL/],
  ])('%s: %s is said to be wrong', (kind, entry, problem) => {
    expect(createListOfEntries(kind).add(entry, 0)).toMatch(problem);
  });

  it.each([':', '*', '[.]', 'ü', 'a.', '@', '%', ' ', '#', 'hxxp://', '://['])(
    'does not look at an entry of many %s',
    (piece) => {
      const text = `a${piece.repeat(20_000)}b`;
      for (const kind of LIST_KINDS) expect(createListOfEntries(kind).add(text, 0)).toMatch(/^expected/);
      for (const type of ['string', 'hostname', 'cidr'] as const)
        expect(createWarningList(type, typesOfAttributes([])).add(text, 0)).toMatch(/^is no/);
    },
  );

  it('says of which entry an exclusion is, of several the first', () => {
    const lists = [listOf('domains', 'a.com', 'b.com'), listOf('hashes', MD5), listOf('domains', 'c.com', 'www.b.com')];
    const entry = createEntryBehind(() => lists);
    expect(entry(indicator('url', 'http://www.b.com/'), 'listed-domain')).toBe('entry 1');
    expect(entry(indicator('domain', 'c.com'), 'listed-domain')).toBe('entry 0');
    expect(entry(indicator('domain', 'c.com'), 'listed-hash')).toBeNull();
    const empty = indicator('md5', 'd41d8cd98f00b204e9800998ecf8427e');
    expect(entry(empty, 'empty-content')).toBe('the hash of no content at all');
  });

  it('is of the settings, which may change', () => {
    for (const reason of [
      'listed-hash',
      'listed-url',
      'listed-email',
      'listed-threat',
      'listed-tag',
      'on-warning-list',
    ])
      expect(isBySettings(reason)).toBe(true);
    expect(isBySettings('expired')).toBe(false);
  });
});

describe('a list of names', () => {
  it.each<[ListKind, string, Partial<Facts>, boolean]>([
    ['threats', 'Botnet', { threat: 'botnet' }, true],
    ['threats', 'BOT', { threat: 'botnet' }, true],
    ['threats', 'c&c', { threat: 'c2' }, true],
    ['threats', '*-force', { threat: 'brute-force' }, true],
    ['threats', 'botnet', { threat: 'c2', tags: ['botnet'] }, false],
    ['tags', 'NOISE', { tags: ['a', 'Noise'] }, true],
    ['tags', 'botnet:  mirai', { tags: ['Botnet: Mirai'] }, true],
    ['tags', 'botnet*', { tags: ['BotNet: Mirai'] }, true],
    ['tags', '*mirai*', { tags: ['BotNet: Mirai.b'] }, true],
    ['tags', 'noise', { tags: ['noisy', 'white noise'] }, false],
    ['tags', '*', { tags: [] }, false],
  ])('%s: %s of %j: %s', (kind, entry, facts, isExcluded) => {
    expect(reasonFor(indicator('domain', 'evil.com', facts), listOf(kind, entry))).toBe(
      isExcluded ? (kind === 'tags' ? 'listed-tag' : 'listed-threat') : null,
    );
  });

  const voice = (facts: Partial<Facts>, sourceTime = '2026-01-10T00:00:00.0000000Z'): Voice => ({
    sourceSystem: 'A',
    sourceTime,
    facts: { ...FACTS, ...facts },
  });
  const ofRows = (...voices: readonly Voice[]) => merge(indicator('domain', 'evil.com').key, voices, NOW);

  it('is held against all that the rows of an indicator say together: any of their tags, their most telling threat', () => {
    const noisy = voice({ threat: 'botnet', tags: ['noise'] });
    const telling = voice({ threat: 'c2', tags: ['apt'] });
    expect(reasonFor(ofRows(telling), listOf('tags', 'noise'))).toBeNull();
    expect(reasonFor(ofRows(telling, noisy), listOf('tags', 'noise'))).toBe('listed-tag');
    expect(reasonFor(ofRows(noisy), listOf('threats', 'botnet'))).toBe('listed-threat');
    expect(reasonFor(ofRows(telling, noisy), listOf('threats', 'botnet'))).toBeNull();
    const gone = voice({ threat: 'botnet', tags: ['noise'], ended: 'revoked' });
    expect(reasonFor(ofRows(telling, gone), listOf('tags', 'noise'))).toBeNull();
  });

  it('has a bounded number of patterns, and says when there are more', () => {
    const list = createListOfEntries('tags');
    for (let at = 0; at < 100; at += 1) expect(list.add(`a${at}*`, at)).toBeNull();
    expect(list.add('plain', 100)).toBeNull();
    expect(list.add('b*', 101)).toBe('there are more than 100 entries with a * in this list');
  });

  it('matches a pattern as a regular expression would', () => {
    const text = fc.array(fc.constantFrom('a', 'b', '*'), { maxLength: 8 }).map((parts) => parts.join(''));
    const name = fc.array(fc.constantFrom('a', 'b'), { maxLength: 10 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, name, (pattern, of) => {
        expect(matches(pattern, of)).toBe(new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(of));
      }),
    );
  });
});

describe('a MISP warning list', () => {
  const found = (
    type: WarningType,
    attributes: readonly string[],
    entries: readonly string[],
    one: Indicator,
  ): number | null => {
    const list = createWarningList(type, typesOfAttributes(attributes));
    for (const [at, entry] of entries.entries()) list.add(entry, at);
    return list.find(one, hostOf(one.key));
  };

  it.each<[WarningType, readonly string[], string, IndicatorType, string, boolean]>([
    ['string', ['domain', 'hostname'], 'Example.com', 'domain', 'example.com', true],
    ['string', ['domain', 'hostname'], 'example.com', 'domain', 'www.example.com', false],
    ['string', ['ip-src', 'ip-dst|port'], '8.8.8.8', 'ipv4', '8.8.8.8', true],
    ['string', ['ip-src'], '8.8.8.8/32', 'ipv4', '8.8.8.8', true],
    ['string', ['email-src'], 'Some@example.com', 'email', 'some@example.com', true],
    ['string', ['filename|md5'], MD5.toUpperCase(), 'md5', MD5, true],
    ['string', [], 'https://example.com/a', 'url', 'https://example.com/a', true],
    ['string', ['url'], 'example.com', 'url', 'http://example.com/', true],
    ['string', ['url'], 'example.com', 'domain', 'example.com', false],
    ['hostname', ['hostname', 'url'], 'example.com', 'url', 'https://www.example.com/a', true],
    ['hostname', ['hostname', 'domain|ip'], 'example.com', 'url', 'https://www.example.com/a', false],
    ['hostname', ['domain|ip'], '.example.com.', 'domain', 'www.example.com', true],
    ['hostname', ['hostname'], 'example.com', 'domain', 'notexample.com', false],
    ['cidr', ['ip-dst'], '8.8.8.0/24', 'ipv4', '8.8.8.8', true],
    ['cidr', ['ip-dst'], '8.8.8.8', 'ipv4', '8.8.8.8', true],
    ['cidr', ['ip-dst'], '8.8.8.0/24', 'url', 'http://8.8.8.8/', false],
    ['cidr', ['ip-dst', 'url'], '8.8.8.0/24', 'url', 'http://8.8.8.8/', true],
    ['substring', ['domain', 'url'], 'VirusTotal.com', 'url', 'https://www.virustotal.com/a', true],
    ['substring', ['domain'], 'tria.ge', 'domain', 'patria.gent.example.com', true],
    ['substring', ['email-src'], '@mailinator.', 'email', 'a@mailinator.com', true],
    ['substring', ['email-src'], '@mailinator.', 'domain', 'mailinator.com', false],
    ['substring', [], '', 'domain', 'evil.com', false],
  ])('of %s for %j with %s: %s %s is %s', (type, attributes, entry, of, value, isFound) => {
    expect(found(type, attributes, ['zzz.zzz', entry], indicator(of, value))).toBe(isFound ? 1 : null);
  });

  it('finds a substring wherever a search would', () => {
    const word = fc
      .array(fc.constantFrom('a', 'b', 'ä'), { minLength: 1, maxLength: 5 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.array(word, { maxLength: 8 }), fc.array(word, { maxLength: 5 }), (entries, parts) => {
        const list = createSubstrings();
        for (const [at, entry] of entries.entries()) list.add(entry, at);
        const text = parts.join('c');
        const at = list.find(text);
        expect(at === null ? null : text.includes(entries[at] ?? '?')).toBe(
          entries.some((entry) => text.includes(entry)) ? true : null,
        );
      }),
    );
  });
});
