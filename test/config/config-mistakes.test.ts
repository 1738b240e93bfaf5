import { describe, expect, test } from 'vitest';
import { formatProblems } from '../../config/problem.ts';
import { changed, problems, SMALL } from './small-config.ts';

describe('a mistake is reported where it is, with the nearest right value', () => {
  test.each([
    [
      'an unknown key',
      'minimumScore: 75',
      'minimunScore: 75',
      'policy.minimunScore',
      9,
      7,
      /not a setting/,
      'minimumScore',
    ],
    [
      'a wrong choice',
      'type: threatstream',
      'type: threatstream\n      approval: requird',
      'destination.approval',
      12,
      17,
      /one of required, automatic, bypass, found "requird"/,
      'required',
    ],
    [
      'a number out of bounds',
      'minimumScore: 75',
      'minimumScore: 175',
      'policy.minimumScore',
      9,
      21,
      /at most 100, found 175/,
      '100',
    ],
    [
      'a wrong kind',
      'minimumScore: 75',
      'minimumScore: high',
      'policy.minimumScore',
      9,
      21,
      /a number, found "high"/,
      null,
    ],
    ['a duration without unit', 'every: 15m', 'every: 15', 'schedule.every', 5, 24, /found 15 without a unit/, null],
    [
      'a duration out of bounds',
      'every: 15m',
      'every: 10s',
      'schedule.every',
      5,
      24,
      /from 1m to 30d, found 10s/,
      '1m',
    ],
    [
      'a wrong destination',
      'type: threatstream',
      'type: threatstrem',
      'destination.type',
      11,
      13,
      /expected (?:one of )?.*threatstream\b.*, found "threatstrem"/,
      'threatstream',
    ],
    ['a missing field', 'schedule: { every: 15m }', 'schedule: {}', 'schedule.every', 5, 5, /it is missing/, null],
    [
      'a network',
      'minimumScore: 75',
      'exclude: { cidrs: [10.0.0.0/33] }',
      'policy.exclude.cidrs.0',
      9,
      26,
      /found "10.0.0.0\/33"/,
      null,
    ],
    [
      'a domain',
      'minimumScore: 75',
      'exclude: { domains: ["https://a.example/x"] }',
      'policy.exclude.domains.0',
      9,
      28,
      /such as example.com/,
      null,
    ],
    [
      'a hash',
      'minimumScore: 75',
      'exclude: { hashes: [abc] }',
      'policy.exclude.hashes.0',
      9,
      27,
      /expected an MD5, SHA-1 or SHA-256 .*, found "abc"/,
      null,
    ],
    [
      'a hash of digits alone',
      'minimumScore: 75',
      'exclude: { hashes: [12345678901234567890123456789012] }',
      'policy.exclude.hashes.0',
      9,
      27,
      /expected an MD5, .*, found a number: put it into quotation marks/,
      null,
    ],
    [
      'a threat',
      'minimumScore: 75',
      'exclude: { threats: [Mirai] }',
      'policy.exclude.threats.0',
      9,
      28,
      /expected a threat: one of malware, c2, .*, found "Mirai"/,
      null,
    ],
    [
      'a file of entries by another name',
      'minimumScore: 75',
      'exclude: { urls: [{ path: a.txt }] }',
      'policy.exclude.urls.0',
      9,
      25,
      /expected a URL such as .*, or { file: PATH }/,
      null,
    ],
    [
      'a warning list that is no file',
      'minimumScore: 75',
      'exclude: { warningLists: [a.json] }',
      'policy.exclude.warningLists.0',
      9,
      33,
      /expected { file: PATH }/,
      null,
    ],
    [
      'scores in the wrong order',
      'minimumScore: 75',
      'retractBelow: 80',
      'policy.retractBelow',
      9,
      21,
      /no more than minimumScore \(75\)/,
      '75',
    ],
    [
      'a day that is none',
      '    policy:',
      '      since: 2026-02-30\n    policy:',
      'source.since',
      8,
      14,
      /or a date/,
      null,
    ],
    [
      'an address over http',
      'type: threatstream',
      'type: threatstream\n      baseUrl: http://api.example.com',
      'destination.baseUrl',
      12,
      16,
      /http would show credentials/,
      null,
    ],
    [
      'a text for a mapping',
      'schedule: { every: 15m }',
      'schedule: often',
      'schedule',
      5,
      15,
      /a mapping of settings, found a text/,
      null,
    ],
  ] as const)('%s', (_, line, by, path, atLine, column, message, suggestion) => {
    const found = problems(changed(line, by));
    expect(found).toEqual([
      {
        path: `pipelines.threatstream.${path}`,
        line: atLine,
        column,
        message: expect.stringMatching(message),
        suggestion,
      },
    ]);
  });

  test('an overlap that is longer than its window', () => {
    const [problem] = problems(changed('    policy:', '      overlap: 2h\n      window: 1h\n    policy:'));
    expect(problem).toMatchObject({ path: 'pipelines.threatstream.source.overlap', line: 8, column: 16 });
  });

  test('a pipeline with a name of its own kind', () => {
    const [problem] = problems(changed('  threatstream:', '  Threat Stream:'));
    expect(problem).toMatchObject({ line: 4, column: 3, suggestion: 'threat-stream' });
  });

  test('no pipeline, no settings, no YAML, settings twice', () => {
    expect(problems('pipelines: {}')[0]?.message).toBe('expected at least one pipeline');
    expect(problems('azure: {}')[0]).toMatchObject({ path: 'pipelines', line: 1 });
    expect(problems('')[0]?.message).toContain('has no settings');
    expect(problems('just a text')[0]?.message).toContain('a mapping of settings');
    expect(problems('a: [')[0]?.message).toContain('not readable as YAML');
    expect(problems(`${SMALL}azure: {}`)[0]).toMatchObject({
      line: 14,
      message: expect.stringContaining('duplicate key'),
    });
  });

  test('what a credential needs', () => {
    const found = problems(changed('credential: managedIdentity', 'credential: clientSecret'));
    expect(found.map(({ path }) => path)).toEqual(['azure.tenantId', 'azure.clientId', 'azure.clientSecret']);
  });

  test.each(['my tenant', '"11111111\\n"', 'https://login.example.com/x'])('an id that can be none (%s)', (id) => {
    const [found] = problems(changed('credential: managedIdentity', `tenantId: ${id}, clientId: ${id}`));
    expect(found).toMatchObject({
      path: 'azure.tenantId',
      message: expect.stringMatching(/letters, digits, dots and -/),
    });
  });

  test('all mistakes at once, in the order of the file, as sentences', () => {
    const text = changed('minimumScore: 75', 'minimumScore: -1').replace('every: 15m', 'evry: 15m');
    expect(formatProblems(problems(text), 'mdti-sync.yaml').split('\n')).toEqual([
      expect.stringMatching(
        /^mdti-sync\.yaml:5:17: pipelines\.threatstream\.schedule\.evry is not a setting.*Did you mean every\?$/,
      ),
      expect.stringMatching(/^mdti-sync\.yaml:9:21: .*found -1\. Did you mean 0\?$/),
    ]);
  });
});

describe('a secret in the file', () => {
  const secret = 'hunter2-hunter2';

  test.each([
    ['instead of a reference', '{ env: THREATSTREAM_USER }', secret, /a secret is never in this file/],
    [
      'as the name of a variable',
      '{ env: THREATSTREAM_USER }',
      `{ env: ${secret} }`,
      /name of an environment variable/,
    ],
    [
      'in an address',
      'type: threatstream',
      `type: threatstream\n      baseUrl: https://me:${secret}@api.example.com`,
      /without a user or password/,
    ],
    [
      'beside its mapping',
      'user: { env: THREATSTREAM_USER }',
      `user: { env: A, file: B }`,
      /exactly one of env and file/,
    ],
    ['where YAML breaks', 'user: { env: THREATSTREAM_USER }', `user: { env: "${secret}`, /YAML/],
    ['one level too high', 'azure: { credential: managedIdentity }', `azure: ${secret}`, /found a text/],
  ])('%s is an error that does not repeat it', (_, line, by, message) => {
    const text = formatProblems(problems(changed(line, by)), 'mdti-sync.yaml');
    expect(text).toMatch(message);
    expect(text).not.toContain(secret);
  });
});
