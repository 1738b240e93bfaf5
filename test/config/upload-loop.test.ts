import { describe, expect, test } from 'vitest';
import { formatProblems } from '../../config/problem.ts';
import { parsed, problems } from './small-config.ts';

const SOURCE = 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee';
const OTHER = 'bbbbbbbb-cccc-dddd-eeee-ffffffffffff';

/** Two pipelines: one uploads, another one reads. */
function config(upload: string, { read = SOURCE, systems = '[mdti-sync]', cloud = 'public' } = {}): string {
  return `
azure: { credential: managedIdentity, cloud: ${cloud} }
pipelines:
  uploads:
    schedule: { every: 15m }
    source: { workspaceId: ${SOURCE} }
    destination:
      type: sentinel-upload
      ${upload}
  reads:
    schedule: { every: 15m }
    source: { workspaceId: ${read}, sourceSystems: ${systems} }
    destination: { type: threatstream, user: { env: THREATSTREAM_USER }, apiKey: { env: THREATSTREAM_API_KEY } }
`;
}

const wrong = (text: string): string => formatProblems(problems(text), 'mdti-sync.yaml');

describe('an upload that would feed a source', () => {
  test('is a mistake, where the setting is', () => {
    expect(wrong(config(`workspaceId: ${SOURCE}\n      sourceSystem: mdti-sync`))).toBe(
      'mdti-sync.yaml:10:21: pipelines.uploads.destination.sourceSystem is mdti-sync, which pipelines.reads.source reads from the same workspace: what is uploaded would be read and delivered again. Take another name, or take it out of its sourceSystems.',
    );
  });

  test.each([
    ['by the default', `workspaceId: ${SOURCE}`, {}],
    ['by another spelling', `workspaceId: ${SOURCE.toUpperCase()}`, { systems: '[MDTI, " Mdti-Sync "]' }],
    ['into any workspace that is read', `workspaceId: ${OTHER}`, { read: OTHER }],
  ])('%s', (_, upload, read) => {
    expect(problems(config(upload, read))).toMatchObject([{ path: 'pipelines.uploads.destination.sourceSystem' }]);
  });

  test('of its own pipeline', () => {
    const text = config(`workspaceId: ${SOURCE}\n      sourceSystem: Microsoft Defender Threat Intelligence`, {
      systems: '[none]',
    });
    expect(wrong(text)).toContain('which pipelines.uploads.source reads');
  });

  test.each([
    ['under another name', `workspaceId: ${SOURCE}\n      sourceSystem: other`],
    ['into a workspace that nobody reads', `workspaceId: ${OTHER}`],
  ])('is none %s', (_, upload) => {
    expect(parsed(config(upload)).warnings).toEqual([]);
  });
});

test.each(['Microsoft Sentinel', 'azure sentinel', ' mdti-sync'])('%j is not to be had as a source system', (name) => {
  expect(problems(config(`workspaceId: ${OTHER}\n      sourceSystem: "${name}"`))).toMatchObject([
    { path: 'pipelines.uploads.destination.sourceSystem', line: 10 },
  ]);
});

describe('in another cloud', () => {
  test('the addresses of the public one are a mistake', () => {
    expect(problems(config(`workspaceId: ${OTHER}`, { cloud: 'usgov' }))).toMatchObject([
      { path: 'pipelines.uploads.destination.endpoint' },
      { path: 'pipelines.uploads.destination.scope', message: expect.stringContaining('azure.cloud is usgov') },
    ]);
  });

  test('those of that one are right', () => {
    const own = 'endpoint: https://upload.example.us\n      scope: https://management.usgovcloudapi.net/.default';
    expect(problems(config(`workspaceId: ${OTHER}\n      ${own}`, { cloud: 'usgov' }))).toEqual([]);
  });
});
