import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { Policy } from '../../indicators/policy.ts';
import { changed, parsed, problems, SMALL } from './small-config.ts';

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
      bringRefused: 'rise',
      withoutReputation: { hash: 'deliver', url: 'deliver', email: 'deliver', host: 'hold' },
      exclude: {
        reservedAddresses: true,
        emptyContent: true,
        cidrs: [],
        domains: [],
        hashes: [],
        urls: [],
        emails: [],
        threats: [],
        tags: [],
        warningLists: [],
      },
      tlpCeiling: 'amber',
      tlpDefault: 'amber',
    });
    expect(pipeline?.destination.settings).toMatchObject({
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
    // What a destination does is no setting.
    expect(JSON.parse(JSON.stringify(rest))).toEqual(JSON.parse(JSON.stringify(defaults)));
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
    expect(config.pipelines['threatstream']?.policy.exclude).toMatchObject({
      reservedAddresses: true,
      cidrs: ['10.0.0.0/8', '192.0.2.7/32', '2001:db8::/32'],
      domains: ['example.com', 'xn--bcher-kva.example', 'corp'],
    });
  });

  test('takes what is never delivered in the forms that people write, and files of it', () => {
    const { config } = parsed(
      changed(
        'minimumScore: 75',
        `exclude:
        cidrs: ["10[.]0[.]0[.]0/8", { file: nets.txt }]
        domains: ["Evil[.]com"]
        hashes: [D41D8CD98F00B204E9800998ECF8427E]
        urls: ["hxxps://Evil[.]com", { file: urls.txt }]
        emails: ["Some.One[@]evil.com"]
        threats: [Botnet, "*-force"]
        tags: ["Noise *"]
        warningLists: [{ file: list.json }]`,
      ),
    );
    expect(config.pipelines['threatstream']?.policy.exclude).toEqual({
      reservedAddresses: true,
      emptyContent: true,
      cidrs: ['10.0.0.0/8', { file: 'nets.txt' }],
      domains: ['evil.com'],
      hashes: ['d41d8cd98f00b204e9800998ecf8427e'],
      urls: ['https://evil.com/', { file: 'urls.txt' }],
      emails: ['some.one@evil.com'],
      threats: ['botnet', '*-force'],
      tags: ['noise *'],
      warningLists: [{ file: 'list.json' }],
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
