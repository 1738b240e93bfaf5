import { readFile } from 'node:fs/promises';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDuration } from '../../config/duration.ts';
import { editDistance, nearest } from '../../config/nearest.ts';
import { parseConfig } from '../../config/parse-config.ts';
import { formatProblems } from '../../config/problem.ts';
import type { Policy } from '../../indicators/policy.ts';

const SMALL = `
azure: { credential: managedIdentity }
pipelines:
  threatstream:
    schedule: { every: 15m }
    source:
      workspaceId: aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee
    policy:
      minimumScore: 75
    destination:
      type: threatstream
      user: { env: THREATSTREAM_USER }
      apiKey: { file: /run/secrets/key }
`;

function parsed(text: string) {
  const result = parseConfig(text, 'mdti-sync.yaml');
  if (!result.ok) throw new Error(formatProblems(result.problems, 'mdti-sync.yaml'));
  return result;
}

function problems(text: string) {
  const result = parseConfig(text, 'mdti-sync.yaml');
  return result.ok ? [] : result.problems;
}

/** SMALL with one piece of it replaced. */
function changed(line: string, by: string): string {
  if (!SMALL.includes(line)) throw new Error(`no such line: ${line}`);
  return SMALL.replace(line, by);
}

describe('a right file', () => {
  test('is filled with defaults, in milliseconds', () => {
    const { config, warnings } = parsed(SMALL);
    const pipeline = config.pipelines['threatstream'];
    expect(pipeline?.schedule).toEqual({ every: 900_000, jitter: 0, catchUp: 3_600_000, paused: false });
    expect(pipeline?.source).toMatchObject({
      table: 'ThreatIntelIndicators',
      settle: 300_000,
      overlap: 600_000,
      lateness: 172_800_000,
      window: 21_600_000,
      since: { back: 86_400_000 },
      sliceRows: 18_000,
    });
    expect(pipeline?.policy satisfies Policy | undefined).toEqual({
      minimumScore: 75,
      retractBelow: 50,
      withoutReputation: { hash: 'deliver', url: 'deliver', email: 'deliver', host: 'hold' },
      exclude: { reservedAddresses: true, cidrs: [], domains: [] },
      tlpCeiling: 'amber',
      tlpDefault: 'amber',
    });
    expect(pipeline?.destination).toMatchObject({
      baseUrl: 'https://api.threatstream.com',
      user: { env: 'THREATSTREAM_USER' },
      apiKey: { file: '/run/secrets/key' },
      approval: 'required',
      visibility: 'private',
    });
    expect(config.logAnalytics.endpoint).toBe('https://api.loganalytics.azure.com/v1');
    expect(warnings).toEqual([]);
  });

  test('is what the example says, and the example says the defaults', async () => {
    const example = parsed(await readFile('config/example.yaml', 'utf8'));
    const { azure, ledger, ...rest } = example.config;
    const {
      azure: _azure,
      ledger: _ledger,
      ...defaults
    } = parsed(SMALL.replace('{ file: /run/secrets/key }', '{ env: THREATSTREAM_API_KEY }')).config;
    expect(rest).toEqual(defaults);
    expect(azure.credential).toBe('clientSecret');
    expect(ledger).toEqual({ path: './.mdti-sync/ledger' });
    expect(example.warnings).toEqual([]);
  });

  test('takes networks and domains in the forms that people write', () => {
    const { config } = parsed(
      changed(
        'minimumScore: 75',
        'exclude: { cidrs: [10.0.0.0/8, 192.0.2.7, "2001:db8::/32"], domains: ["*.Example.com", "bücher.example.", corp] }',
      ),
    );
    expect(config.pipelines['threatstream']?.policy.exclude).toEqual({
      reservedAddresses: true,
      cidrs: ['10.0.0.0/8', '192.0.2.7/32', '2001:db8::/32'],
      domains: ['example.com', 'xn--bcher-kva.example', 'corp'],
    });
  });

  test('takes a beginning as a date', () => {
    const { config } = parsed(changed('    policy:', '      since: 2026-01-31\n    policy:'));
    expect(config.pipelines['threatstream']?.source.since).toEqual({ at: new Date('2026-01-31T00:00:00Z') });
  });

  test('retracts below the minimum score when that is lower than 50', () => {
    const { config } = parsed(changed('minimumScore: 75', 'minimumScore: 30'));
    expect(config.pipelines['threatstream']?.policy.retractBelow).toBe(30);
  });

  test('in a sovereign cloud has its addresses, and is warned about MDTI', () => {
    const { config, warnings } = parsed(
      changed('credential: managedIdentity', 'credential: managedIdentity, cloud: usgov'),
    );
    expect(config.azure.authorityHost).toBe('https://login.microsoftonline.us');
    expect(config.logAnalytics.scope).toBe('https://api.loganalytics.us/.default');
    expect(warnings).toEqual([expect.stringContaining('azure.cloud is usgov')]);
  });

  test('shares with everyone only when that is said twice', () => {
    const shared = changed('type: threatstream', 'type: threatstream\n      visibility: public');
    expect(problems(shared)[0]?.path).toBe('pipelines.threatstream.destination.visibility');
    expect(parsed(shared.replace('public', 'public\n      acknowledgePublic: true')).warnings.join(' ')).toContain(
      'everyone on ThreatStream',
    );
  });
});

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
      /expected threatstream, found "threatstrem"/,
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

describe('durations and nearness', () => {
  test('a duration is its amount times its unit, whatever the unit', () => {
    const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
    fc.assert(
      fc.property(fc.nat(100_000), fc.constantFrom(...Object.entries(units)), (amount, [unit, ms]) => {
        expect(parseDuration(`${amount}${unit}`)).toBe(amount * ms);
      }),
    );
    for (const wrong of ['', '5', 'm', '-5m', '5 minutes', '5M', '1e3s', '9999999999999w'])
      expect(parseDuration(wrong)).toBeNull();
  });

  test('distance is zero for the same, symmetric, and no longer than the longer text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (one, other) => {
        expect(editDistance(one, one)).toBe(0);
        expect(editDistance(one, other)).toBe(editDistance(other, one));
        expect(editDistance(one, other)).toBeLessThanOrEqual(Math.max(one.length, other.length));
      }),
    );
    expect(nearest('schedlue', ['source', 'schedule'])).toBe('schedule');
    expect(nearest('colour', ['source', 'schedule'])).toBeNull();
  });
});
