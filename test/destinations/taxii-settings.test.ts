import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseConfig } from '../../config/parse-config.ts';
import { resolveSecrets } from '../../config/resolve-secrets.ts';
import { taxii } from '../../destinations/taxii/index.ts';
import { Secret } from '../../settings/secret.ts';
import { makeCertificate } from '../config/rsa-certificate.ts';

const BASE = { type: 'taxii', apiRoot: 'https://taxii.example.com/api1/', collection: 'a-collection' } as const;
const BASIC = { user: { env: 'TAXII_USER' }, password: { env: 'TAXII_PASSWORD' } };
const ENV = { TAXII_USER: 'engineer', TAXII_PASSWORD: 'hunter:2é', TAXII_TOKEN: 'token-1', KEY: 'open' };
const NOW = new Date('2026-11-30T00:00:00Z');

/** A configuration with this destination, its secrets read. */
async function resolved(destination: object) {
  const text = JSON.stringify({
    azure: { credential: 'managedIdentity' },
    pipelines: {
      taxii: {
        schedule: { every: '15m' },
        source: { workspaceId: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee' },
        policy: { minimumScore: 75 },
        destination,
      },
    },
  });
  const parsed = parseConfig(text, 'mdti-sync.yaml');
  if (!parsed.ok) return { problems: parsed.problems.map(({ message }) => message) };
  const found = await resolveSecrets(parsed.config, ENV, (path) => readFile(path, 'utf8'), NOW);
  return found.ok
    ? { destination: found.config.pipelines['taxii']?.destination, problems: [] }
    : { problems: found.problems };
}

test.each([
  ['a password', BASIC],
  ['a token', { token: { env: 'TAXII_TOKEN' } }],
])('it signs in by %s', async (_, signIn) => {
  const { destination, problems } = await resolved({ ...BASE, signIn });
  expect(problems).toEqual([]);
  expect(destination?.hosts).toEqual(['https://taxii.example.com/api1']);
  expect(destination?.account).not.toMatch(/hunter|token-1/);
});

test('pipelines of one workspace share a collection, those of others do not', async () => {
  const secrets = () => new Secret('x');
  const parsed = taxii.section.parse({ ...BASE, signIn: BASIC });
  expect(parsed.ready(secrets, 'a').tenant).toBe(parsed.ready(secrets, 'a').tenant);
  expect(parsed.ready(secrets, 'a').tenant).not.toBe(parsed.ready(secrets, 'b').tenant);
});

test('a secret in the place of a reference is not repeated', async () => {
  const { problems } = await resolved({ ...BASE, signIn: { user: 'engineer', password: 'hunter2' } });
  expect(problems).not.toEqual([]);
  expect(problems.join()).not.toContain('hunter2');
});

test('the certificate alone needs a certificate', async () => {
  expect((await resolved({ ...BASE, signIn: 'certificate' })).problems.join()).toMatch(/certificate beside it/);
});

describe('the client certificate', () => {
  test.each([
    ['rsa', undefined],
    ['ec', undefined],
    ['rsa', 'open'],
  ] as const)('may be of any kind (%s, password %s)', async (kind, password) => {
    const path = await certificateFile(kind, password);
    const certificate = { path, ...(password === undefined ? {} : { password: { env: 'KEY' } }) };
    expect((await resolved({ ...BASE, signIn: 'certificate', certificate })).problems).toEqual([]);
  });

  test('that cannot be read or opened is told where it stands', async () => {
    const closed = await certificateFile('rsa', 'open');
    const at = (certificate: object) => resolved({ ...BASE, signIn: BASIC, certificate });
    expect((await at({ path: closed })).problems).toEqual([
      expect.stringMatching(/^pipelines\.taxii\.destination\.certificate\.path: .*set certificate\.password/),
    ]);
    expect((await at({ path: `${closed}.no` })).problems).toEqual([expect.stringContaining('cannot be read')]);
    expect((await at({ path: await certificateFile('ec', undefined, new Date('2026-11-01')) })).problems).toEqual([
      expect.stringContaining('ended on'),
    ]);
  });
});

async function certificateFile(kind: 'rsa' | 'ec', password?: string, end = new Date('2027-11-30')): Promise<string> {
  const made = await makeCertificate(end, kind);
  const folder = await mkdtemp(join(tmpdir(), 'mdti-sync-taxii-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'client.pem');
  await writeFile(path, `${made.certificate}\n${password === undefined ? made.key : made.closed(password)}`, {
    mode: 0o600,
  });
  return path;
}

test.each([{ apiRoot: 'https://TAXII.example.com/api1' }, { apiRoot: 'https://taxii.example.com:443/api1/' }])(
  'the same collection is the same, however its address is written (%j)',
  (written) => {
    const collection = '91A7B528-80EB-42ED-A74D-C6FBD5A26116';
    const ready = (settings: object) =>
      taxii.section.parse({ ...BASE, collection, signIn: BASIC, ...settings }).ready(() => new Secret('x'), 'a');
    const { tenant, account } = ready({ collection: collection.toLowerCase() });
    expect(ready(written)).toMatchObject({ tenant, account });
    expect(ready({ apiRoot: 'https://taxii.example.com/api2' }).tenant).not.toBe(tenant);
  },
);
