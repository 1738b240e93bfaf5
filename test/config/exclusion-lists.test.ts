import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type ExclusionLists, openExclusionLists } from '../../config/exclusion-lists.ts';
import { exclusionSection } from '../../config/exclusion-section.ts';
import { canonicalKey } from '../../indicators/canonical.ts';
import { createEntryBehind, createExclusion } from '../../indicators/exclusion.ts';
import type { Facts, IndicatorType } from '../../indicators/indicator.ts';
import { FACTS, POLICY } from '../indicators/arbitraries.ts';

const NOW = new Date('2026-01-20T12:00:00Z');
const MD5 = 'd131dd02c5e6eec4693d9a0698aff95c';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mdti-sync-lists-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const at = (name: string): string => join(folder, name);
const write = (name: string, text: string | Uint8Array) => writeFile(at(name), text);

function open(exclude: object): Promise<ExclusionLists> {
  return openExclusionLists({ p: { policy: { exclude: exclusionSection.parse(exclude) } } });
}

async function problemsOf(exclude: object): Promise<string> {
  try {
    await open(exclude);
    return 'none';
  } catch (error) {
    return String(error).replaceAll(folder, '');
  }
}

/** Why it is excluded, and by which entry. */
function why(lists: ExclusionLists, type: IndicatorType, value: string, facts: Partial<Facts> = {}): string | null {
  const canonical = canonicalKey(type, value);
  if (!canonical.ok) throw new Error(canonical.reason);
  const indicator = { key: canonical.key, facts: { ...FACTS, ...facts }, sources: [] };
  const reason = createExclusion(POLICY, () => lists.of('p'))(indicator, NOW);
  if (reason === null) return null;
  const entry = createEntryBehind(() => lists.of('p'))(indicator, reason);
  return `${reason}: ${entry?.replaceAll(folder, '')}`;
}

describe('a file of entries', () => {
  test('has one a line, with comments and blank lines, in the forms that people write', async () => {
    await write('own.txt', '\uFEFF# ours\r\n\r\n  Evil[.]com # since May\r\nhttps.example.com\r\n\tBÜCHER.de');
    await write('urls.txt', 'hxxp://a.com/x#part # a comment\nhttps://b.com/#\n');
    const lists = await open({ domains: ['first.com', { file: at('own.txt') }], urls: [{ file: at('urls.txt') }] });
    expect(why(lists, 'domain', 'www.evil.com')).toBe('listed-domain: /own.txt, line 3');
    expect(why(lists, 'email', 'a@xn--bcher-kva.de')).toBe('listed-domain: /own.txt, line 5');
    expect(why(lists, 'domain', 'first.com')).toBe('listed-domain: pipelines.p.policy.exclude.domains.0');
    expect(why(lists, 'url', 'http://a.com/x#part')).toBe('listed-url: /urls.txt, line 1');
    expect(why(lists, 'url', 'http://a.com/x')).toBeNull();
    expect(why(lists, 'domain', 'else.com')).toBeNull();
  });

  test.each([
    [
      'a bad entry by its line',
      'domains',
      'a.com\n#\nhttps://b.com/x\n',
      'domains.0: /f:3: expected a domain such as example.com, found "https://b.com/x".',
    ],
    [
      'no entry at all',
      'hashes',
      '\n\n',
      'hashes.0: /f is empty: for a list without an entry, put a comment (#) there.',
    ],
    ['JSON', 'tags', '{\n  "list": ["a"] }', 'tags.0: /f is JSON: a MISP warning list belongs in warningLists'],
    ['a JSON list', 'tags', '["a"]', 'tags.0: /f is JSON'],
    ['UTF-16', 'domains', Buffer.from('\uFEFFa.com\n', 'utf16le'), 'domains.0: /f is not text in UTF-8.'],
    ['binary', 'hashes', Buffer.from([0, 1, 2, 10]), 'hashes.0: /f:1: expected an MD5'],
    [
      'something else as a warning list',
      'warningLists',
      'a.com\n',
      'warningLists.0: /f is not JSON: expected a MISP warning list: a JSON object',
    ],
    [
      'a warning list without entries',
      'warningLists',
      '{"type":"string"}',
      'warningLists.0: /f: its list is not as expected of a MISP warning list',
    ],
    [
      'a warning list of a type of its own',
      'warningLists',
      '{"type":"fuzzy","list":[]}',
      'is a list of type "fuzzy": expected one of string, hostname, cidr, substring.',
    ],
    [
      'regular expressions',
      'warningLists',
      String.raw`{"type":"regex","list":["/^(a+)+$/i"]}`,
      'is a list of regular expressions, which could take any time',
    ],
  ])('%s is named', async (_, kind, text, sentence) => {
    await write('f', text);
    expect(await problemsOf({ [kind]: [{ file: at('f') }] })).toContain(sentence);
  });

  test('what is not there, is no file, or is wrong in many places is told at once, and briefly', async () => {
    await mkdir(at('folder'));
    await write('many', 'a b\n'.repeat(1_000));
    const found = await problemsOf({
      domains: [{ file: at('none') }, { file: at('folder') }, { file: at('many') }],
      urls: [{ file: '/dev/zero' }],
    });
    expect(found.split('\n')).toEqual([
      'WrongLists: pipelines.p.policy.exclude.domains.0: the file /none is not there.',
      'pipelines.p.policy.exclude.domains.1: /folder is no file.',
      ...[1, 2, 3, 4, 5].map(
        (line) =>
          `pipelines.p.policy.exclude.domains.2: /many:${line}: expected a domain such as example.com, found "a b".`,
      ),
      'pipelines.p.policy.exclude.urls.0: /dev/zero is no file.',
    ]);
  });
});

describe('a MISP warning list', () => {
  test('is read as MISP publishes it, and its entry is named', async () => {
    await write(
      'list.json',
      JSON.stringify({
        name: 'List of known hashes',
        version: 3,
        description: 'as published',
        matching_attributes: ['md5', 'sha1', 'sha512', 'ssdeep', 'filename|md5'],
        type: 'string',
        list: ['', MD5.toUpperCase(), '3::', 'cf83e1357eefb8bd'.repeat(8)],
      }),
    );
    const lists = await open({ warningLists: [{ file: at('list.json') }] });
    expect(why(lists, 'md5', MD5)).toBe('on-warning-list: /list.json ("List of known hashes" version 3), entry 2');
    expect(lists.notes.map((note) => note.replaceAll(folder, ''))).toEqual([
      '/list.json has 4 entries, of which 2 exclude nothing: entry 3 is nothing that mdti-sync delivers.',
    ]);
  });

  test.each([
    ['without a type', { list: ['evil.com'] }],
    ['with comments', { type: 'hostname', list: { 'a.com': 'why', 'evil.com': 'why not' } }],
    ['with a version as text', { type: 'hostname', version: '20240101', name: '', list: ['evil.com'] }],
    ['with nothing for its attributes', { type: 'hostname', matching_attributes: null, list: ['evil.com'] }],
  ])('%s', async (_, list) => {
    await write('list.json', JSON.stringify(list));
    expect(why(await open({ warningLists: [{ file: at('list.json') }] }), 'domain', 'evil.com')).toMatch(/entry [12]$/);
  });

  test('with more substrings than there is room for is refused', async () => {
    const list = Array.from({ length: 1_100 }, (_, n) => `${n}${'x'.repeat(1_000)}`);
    await write('list.json', JSON.stringify({ type: 'substring', list }));
    expect(await problemsOf({ warningLists: [{ file: at('list.json') }] })).toMatch(
      /its entry \d+ is beyond 1000000 characters of substrings\.$/,
    );
  });

  test('that speaks of nothing that is delivered says so', async () => {
    await write('list.json', JSON.stringify({ type: 'string', matching_attributes: ['phone-number'], list: ['1'] }));
    const { notes } = await open({ warningLists: [{ file: at('list.json') }] });
    expect(notes.join()).toMatch(/excludes nothing: its matching_attributes name nothing that mdti-sync delivers/);
  });
});

describe('a file that changes', () => {
  const domain = (lists: ExclusionLists, value: string) => why(lists, 'domain', value);

  test('is read again once it is left alone, in place or by another one in its place', async () => {
    await write('own.txt', 'a.com\n');
    await symlink(at('own.txt'), at('link.txt'));
    const lists = await open({ domains: [{ file: at('link.txt') }] });
    expect(await lists.look(NOW)).toEqual([]);
    await write('own.txt', 'a.com\nb.com');
    expect(await lists.look(NOW)).toEqual([]);
    expect(domain(lists, 'b.com')).toBeNull();
    await write('own.txt', 'a.com\nb.company\n');
    expect(await lists.look(NOW)).toEqual([]);
    expect(await lists.look(NOW)).toEqual([{ file: at('link.txt'), problem: null, note: null }]);
    expect(domain(lists, 'b.com')).toBeNull();
    expect(domain(lists, 'b.company')).toBe('listed-domain: /link.txt, line 2');
    expect(domain(lists, 'a.com')).not.toBeNull();

    await write('next.txt', 'c.com\n');
    await rename(at('next.txt'), at('own.txt'));
    await lists.look(NOW);
    await lists.look(NOW);
    expect(domain(lists, 'c.com')).not.toBeNull();
    expect(domain(lists, 'a.com')).toBeNull();
    expect(await lists.look(NOW)).toEqual([]);
  });

  test.each<[string, () => Promise<unknown>, RegExp]>([
    ['that is gone', () => rm(at('own.txt')), /^the file \/own.txt is not there$/],
    ['that is empty', () => write('own.txt', ''), /^\/own.txt is empty/],
    // What stands there goes no further than the terminal: not to the log, nor with the status through Temporal.
    ['with a mistake', () => write('own.txt', 'a b\nc.com\n'), /^\/own.txt:1: expected a domain such as example.com$/],
    ['that is no file any more', () => rm(at('own.txt')).then(() => mkdir(at('own.txt'))), /is no file$/],
  ])('%s keeps its last good list, says so once, and is taken up when it is good again', async (_, harm, sentence) => {
    await write('own.txt', 'a.com\n');
    const lists = await open({ domains: [{ file: at('own.txt') }] });
    await harm();
    const said = [...(await lists.look(NOW)), ...(await lists.look(NOW)), ...(await lists.look(NOW))];
    expect(said).toEqual([{ file: at('own.txt'), problem: expect.any(String), note: null }]);
    expect(said[0]?.problem?.replaceAll(folder, '')).toMatch(sentence);
    expect(domain(lists, 'a.com')).not.toBeNull();
    expect(lists.stale('p')).toEqual([{ file: at('own.txt'), problem: said[0]?.problem, since: NOW.toISOString() }]);

    await rm(at('own.txt'), { recursive: true, force: true });
    await write('own.txt', 'b.com\n');
    await lists.look(NOW);
    await lists.look(NOW);
    expect(lists.stale('p')).toEqual([]);
    expect(domain(lists, 'b.com')).not.toBeNull();
    expect(domain(lists, 'a.com')).toBeNull();
  });
});

test('what a look-up costs does not grow with the list', async () => {
  const many = 20_000;
  const lines = (of: (n: number) => string) => Array.from({ length: many }, (_, n) => of(n)).join('\n');
  await write(
    'domains',
    lines((n) => `d${n}.example`),
  );
  await write(
    'nets',
    lines((n) => `${20 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}.0/24`),
  );
  await write(
    'list.json',
    JSON.stringify({ type: 'substring', list: Array.from({ length: 5_000 }, (_, n) => `/${n}x`) }),
  );
  const lists = await open({
    domains: [{ file: at('domains') }],
    cidrs: [{ file: at('nets') }],
    warningLists: [{ file: at('list.json') }],
  });
  expect(domainSteps(lists, 'a.b.c.com')).toBeLessThan(50);
  expect(domainSteps(lists, `d${many - 1}.example`)).toBeLessThan(50);
  expect(why(lists, 'ipv4', '20.78.31.1')).toBe('listed-cidr: /nets, line 20000');
  expect(why(lists, 'url', 'http://a.com/4999x')).toMatch(/entry 5000$/);
});

/** How often entries are looked up, of any list, for one domain. */
function domainSteps(lists: ExclusionLists, value: string): number {
  const spies = [vi.spyOn(Map.prototype, 'get'), vi.spyOn(Map.prototype, 'has')];
  try {
    why(lists, 'domain', value);
    return spies.reduce((steps, { mock }) => steps + mock.calls.length, 0);
  } finally {
    vi.restoreAllMocks();
  }
}
