import { describe, expect, test } from 'vitest';
import { parsed, problems } from './small-config.ts';

/** One pipeline that enriches; `more` are lines of it. */
function config(more = '', destination = 'type: threatstream', kind = 'enrich'): string {
  return `
azure: { credential: managedIdentity }
pipelines:
  enriched:
    kind: ${kind}
    schedule: { every: 1h }
    ${more}
    destination: { ${destination}, user: { env: THREATSTREAM_USER }, apiKey: { env: THREATSTREAM_API_KEY } }
`;
}

test('what is not said has its default', () => {
  const { config: read } = parsed(config());
  expect(read.enrichments['enriched']).toMatchObject({
    kind: 'enrich',
    everyPass: 7 * 24 * 3_600_000,
    kql: null,
    write: { tags: true, comment: false, score: false, tagPrefix: 'mdti' },
    policy: { minimumScore: 50 },
    lanes: 10,
    batchSize: 1_000,
  });
});

test.each([
  ['select: { q: "confidence>=50", types: [ip, url], tags: [a], feeds: [7], privateOnly: true, searchFilter: 5 }'],
  ['select: { status: [active, inactive, falsepos] }'],
  ['select: { investigation: 4711 }'],
  ['select: { threatModel: { type: actor, id: "4711" } }'],
  ['select: { kql: { workspaceId: aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee, query: "T | project Host" } }'],
  ['write: { tags: false, comment: true, score: true, tagPrefix: Acme.1 }'],
])('%s is right', (more) => {
  expect(problems(config(more))).toEqual([]);
});

describe('a mistake is reported where it is, with the nearest right value', () => {
  test.each<[string, string, string, RegExp, string | null]>([
    ['an unknown selection', 'select: { tagz: [a] }', 'select.tagz', /not a setting/, 'tags'],
    ['another one', 'select: { privateonly: true }', 'select.privateonly', /not a setting/, 'privateOnly'],
    ['a status', 'select: { status: [activ] }', 'select.status.0', /one of active, inactive, falsepos/, 'active'],
    ['no status', 'select: { status: [] }', 'select.status', /./, null],
    ['a type', 'select: { types: [md5] }', 'select.types.0', /one of ip, domain, url, email, hash/, null],
    ['a feed', 'select: { feeds: [x] }', 'select.feeds.0', /whole number/, null],
    ['a feed of none', 'select: { feeds: [0] }', 'select.feeds.0', /whole number/, null],
    ['a saved search', 'select: { searchFilter: "1e3" }', 'select.searchFilter', /whole number/, null],
    ['a model', 'select: { threatModel: { type: actr, id: 1 } }', 'select.threatModel.type', /one of actor/, 'actor'],
    [
      'q beside an investigation',
      'select: { investigation: 1, q: a=b }',
      'select.q',
      /does not go with investigation/,
      null,
    ],
    [
      'two scopes',
      'select: { investigation: 1, threatModel: { type: actor, id: 1 } }',
      'select.threatModel',
      /does not go with investigation/,
      null,
    ],
    [
      'kql beside others',
      'select: { tags: [a], kql: { workspaceId: aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee, query: T } }',
      'select.tags',
      /does not go with kql/,
      null,
    ],
    [
      'a key of kql',
      'select: { kql: { workspaceId: aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee, query: T, colum: H } }',
      'select.kql.colum',
      /not a setting/,
      'column',
    ],
    ['a threshold', 'policy: { minimumScore: 101 }', 'policy.minimumScore', /at most 100/, '100'],
    [
      'an exclusion of threats',
      'policy: { exclude: { threats: [c2] } }',
      'policy.exclude.threats',
      /not a setting/,
      null,
    ],
    ['what is written', 'write: { tag: true }', 'write.tag', /not a setting/, 'tags'],
    ['a prefix', 'write: { tagPrefix: "a b" }', 'write.tagPrefix', /expected letters, digits/, null],
    ['a pass', 'everyPass: 1m', 'everyPass', /from 1h to 365d/, '1h'],
    ['a source', 'source: { workspaceId: aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee }', 'source', /not a setting/, null],
  ])('%s', (_, more, path, message, suggestion) => {
    expect(problems(config(more))).toEqual([
      expect.objectContaining({
        path: `pipelines.enriched.${path}`,
        message: expect.stringMatching(message),
        ...(suggestion === null ? {} : { suggestion }),
      }),
    ]);
  });

  test('a kind of pipeline', () => {
    expect(problems(config('', 'type: threatstream', 'enrichh'))).toEqual([
      expect.objectContaining({ path: 'pipelines.enriched.kind', suggestion: 'enrich' }),
    ]);
  });

  test.each(['taxii', 'file', 'sentinel-upload'])('a kind that cannot be enriched: %s', (type) => {
    const all = problems(config('', `type: ${type}`));
    expect(all.length).toBeGreaterThan(0);
    expect(all.every(({ path }) => path.startsWith('pipelines.enriched.destination'))).toBe(true);
  });

  test('a kind that cannot be enriched, with all else right', () => {
    const text = `
azure: { credential: managedIdentity }
pipelines:
  enriched:
    kind: enrich
    schedule: { every: 1h }
    destination: { type: file, folder: /tmp/out }
`;
    expect(problems(text)).toEqual([
      expect.objectContaining({
        path: 'pipelines.enriched.destination.type',
        message: expect.stringMatching(/cannot be enriched; expected one of .*threatstream/),
      }),
    ]);
  });
});
