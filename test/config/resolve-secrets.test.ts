import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../config/load-config.ts';
import { formatProblems } from '../../config/problem.ts';
import { resolveSecrets } from '../../config/resolve-secrets.ts';
import { Secret } from '../../settings/secret.ts';
import { makeCertificate } from './rsa-certificate.ts';

const read = (path: string) => readFile(path, 'utf8');

async function configWith(folder: string, azure: string, ledger = '') {
  const file = join(folder, 'mdti-sync.yaml');
  await writeFile(
    file,
    `${ledger}
azure: ${azure}
pipelines:
  p1:
    schedule: { every: 15m }
    source: { workspaceId: aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee }
    destination: { type: threatstream, user: { env: TS_USER }, apiKey: { file: '${join(folder, 'key')}' } }
`,
  );
  const loaded = await loadConfig(file);
  if (!loaded.ok) throw new Error(formatProblems(loaded.problems, file));
  return loaded.config;
}

const folder = () => mkdtemp(join(tmpdir(), 'mdti-sync-config-'));

test('secrets take the place of their references, without the line break of their file', async () => {
  const at = await folder();
  await writeFile(join(at, 'key'), 'the key \n');
  const config = await configWith(
    at,
    '{ credential: clientSecret, tenantId: t, clientId: c, clientSecret: { env: AZ } }',
  );
  const resolved = await resolveSecrets(config, { TS_USER: 'me', AZ: 's3cret' }, read);
  if (!resolved.ok) throw new Error(resolved.problems.join('\n'));
  expect(resolved.config.pipelines['p1']?.destination.secrets.get('user')?.reveal()).toBe('me');
  expect(resolved.config.pipelines['p1']?.destination.secrets.get('apiKey')?.reveal()).toBe('the key ');
  expect(resolved.config.azure.clientSecret?.reveal()).toBe('s3cret');
  expect(resolved.config.ledger).toEqual({ path: './.mdti-sync/ledger' });
  expect(JSON.stringify(resolved.config)).not.toMatch(/s3cret|the key/);
});

test('the ledger is where the file says, else where LEDGER_URL says', async () => {
  const at = await folder();
  await writeFile(join(at, 'key'), 'k');
  const env = { TS_USER: 'me', LEDGER_URL: 'postgres://db/one', OTHER: 'postgres://db/two' };
  const urlOf = async (ledger: string) => {
    const resolved = await resolveSecrets(await configWith(at, '{}', ledger), env, read);
    if (!resolved.ok) return resolved.problems;
    return 'url' in resolved.config.ledger ? resolved.config.ledger.url.reveal() : resolved.config.ledger.path;
  };
  expect(await urlOf('')).toBe('postgres://db/one');
  expect(await urlOf('ledger: { url: { env: OTHER } }')).toBe('postgres://db/two');
  expect(await urlOf('ledger: { path: ./here }')).toBe('./here');
});

test('everything that is missing is told at once, by setting and by variable or file', async () => {
  const at = await folder();
  const config = await configWith(
    at,
    '{ credential: clientSecret, tenantId: t, clientId: c, clientSecret: { env: AZ } }',
  );
  const missing = await resolveSecrets(config, { AZ: ' ' }, read);
  expect(missing).toEqual({
    ok: false,
    problems: [
      'azure.clientSecret: the environment variable AZ is empty. Put the secret there.',
      'pipelines.p1.destination.user: the environment variable TS_USER is not set. Set it and try again.',
      expect.stringMatching(/^pipelines\.p1\.destination\.apiKey: the file .*key cannot be read \(ENOENT\)/),
    ],
  });
  await writeFile(join(at, 'key'), '\n');
  const empty = await resolveSecrets(config, { AZ: 'a', TS_USER: 'b' }, read);
  expect(empty).toEqual({ ok: false, problems: [expect.stringContaining('is empty')] });
});

test('a secret is taken without the line break that echo, editors and Kubernetes put at its end, and without a byte order mark', async () => {
  const at = await folder();
  await writeFile(join(at, 'key'), '\uFEFFk\r\n\n');
  const config = await configWith(
    at,
    '{ credential: clientSecret, tenantId: t, clientId: c, clientSecret: { env: AZ } }',
  );
  const resolved = await resolveSecrets(config, { TS_USER: 'me\n', AZ: 's3cret\r\n' }, read);
  if (!resolved.ok) throw new Error(resolved.problems.join('\n'));
  const { azure, pipelines } = resolved.config;
  const ofDestination = pipelines['p1']?.destination.secrets.values() ?? [];
  expect([azure.clientSecret, ...ofDestination].map((secret) => secret?.reveal())).toEqual(['s3cret', 'me', 'k']);
  const ledger = await resolveSecrets(config, { TS_USER: 'me', AZ: 's', LEDGER_URL: 'postgres://db/one\n' }, read);
  expect(ledger.ok && 'url' in ledger.config.ledger && ledger.config.ledger.url.reveal()).toBe('postgres://db/one');
});

test.each([
  ['hunter2\nhunter3', /^pipelines\.p1\.destination\.user: the environment variable TS_USER has more than one line\./],
  ['hunter2\t', /TS_USER has control characters/],
  ['hünter2', /TS_USER has letters outside of ASCII/],
  ['h\0u\0n\0', /TS_USER has NUL bytes/],
])('a secret that cannot be one is named and not shown (%j)', async (user, sentence) => {
  const at = await folder();
  await writeFile(join(at, 'key'), 'k');
  const resolved = await resolveSecrets(await configWith(at, '{}'), { TS_USER: user }, read);
  expect(resolved).toEqual({ ok: false, problems: [expect.stringMatching(sentence)] });
  expect(JSON.stringify(resolved)).not.toMatch(/hunter|h.nter2/);
});

test('a certificate, authorities and a token file that the settings need are looked at', async () => {
  const at = await folder();
  await writeFile(join(at, 'key'), 'k');
  await writeFile(join(at, 'app.pfx'), Buffer.from([0x30, 0x82, 0x09, 0xff]));
  await writeFile(join(at, 'ca.pem'), 'no certificate');
  const problemsOf = async (azure: string, more = '', env = {}) => {
    const resolved = await resolveSecrets(await configWith(at, azure, more), { TS_USER: 'me', ...env }, read);
    return resolved.ok ? [] : resolved.problems;
  };
  const certificate = (file: string) =>
    `{ credential: clientCertificate, tenantId: t, clientId: c, certificatePath: '${join(at, file)}' }`;
  expect(await problemsOf(certificate('app.pfx'))).toEqual([
    expect.stringMatching(/^azure\.certificatePath: the file .*app\.pfx is no PEM\./),
  ]);
  expect(await problemsOf(certificate('none.pem'))).toEqual([
    expect.stringMatching(/^azure\.certificatePath: the file .*none\.pem cannot be read \(ENOENT\)/),
  ]);
  expect(await problemsOf('{ credential: workloadIdentity }')).toEqual([
    expect.stringContaining('AZURE_FEDERATED_TOKEN_FILE'),
  ]);
  expect(await problemsOf('{}', '', { AZURE_CLIENT_SECRET: 's3cret\n' })).toEqual([
    expect.stringMatching(/AZURE_CLIENT_SECRET has a line break/),
  ]);
  expect(await problemsOf('{}', `network: { caFile: '${join(at, 'ca.pem')}' }`)).toEqual([
    expect.stringMatching(/^network\.caFile: the file .*ca\.pem holds no certificate/),
  ]);
});

describe('what the SDK reads by itself', () => {
  const IDS = { AZURE_TENANT_ID: 't', AZURE_CLIENT_ID: 'c' };
  const problemsOf = async (credential: string, env: Readonly<Record<string, string>>) => {
    const at = await folder();
    await writeFile(join(at, 'key'), 'k');
    await writeFile(join(at, 'empty'), '\n');
    await writeFile(join(at, 'app.pfx'), Buffer.from([0x30, 0x82, 0x09, 0xff]));
    const { key, closed, certificate } = await makeCertificate(new Date('2100-01-01T00:00:00Z'));
    await writeFile(join(at, 'app.pem'), certificate + key);
    await writeFile(join(at, 'closed.pem'), certificate + closed('hunter2'));
    const config = await configWith(at, `{ credential: ${credential} }`);
    const here = Object.entries(env).map(([name, text]) => [name, text.replace('HERE', at)]);
    const resolved = await resolveSecrets(config, { TS_USER: 'me', ...Object.fromEntries(here) }, read);
    return resolved.ok ? [] : resolved.problems;
  };

  test.each<[string, Readonly<Record<string, string>>, RegExp]>([
    [
      'workloadIdentity',
      { AZURE_FEDERATED_TOKEN_FILE: 'HERE/none' },
      /^AZURE_FEDERATED_TOKEN_FILE: .*none cannot be read/,
    ],
    ['workloadIdentity', { AZURE_FEDERATED_TOKEN_FILE: 'HERE/empty' }, /^AZURE_FEDERATED_TOKEN_FILE: .*empty is empty/],
    ['default', { ...IDS, AZURE_TENANT_ID: 't\n' }, /variable AZURE_TENANT_ID has a line break/],
    ['default', { ...IDS, AZURE_CLIENT_ID: 'c\r\n' }, /variable AZURE_CLIENT_ID has a line break/],
    [
      'default',
      { ...IDS, AZURE_CLIENT_CERTIFICATE_PATH: 'HERE/none' },
      /^AZURE_CLIENT_CERTIFICATE_PATH: .*cannot be read/,
    ],
    ['default', { ...IDS, AZURE_CLIENT_CERTIFICATE_PATH: 'HERE/app.pfx' }, /^AZURE_CLIENT_CERTIFICATE_PATH: .*no PEM/],
    [
      'default',
      { ...IDS, AZURE_CLIENT_CERTIFICATE_PATH: 'HERE/closed.pem' },
      /has a password: set AZURE_CLIENT_CERTIFICATE_PASSWORD\.$/,
    ],
  ])('is looked at (%s, %j)', async (credential, env, sentence) => {
    expect(await problemsOf(credential, env)).toEqual([expect.stringMatching(sentence)]);
  });

  test.each<[string, Readonly<Record<string, string>>]>([
    ['workloadIdentity', { AZURE_FEDERATED_TOKEN_FILE: 'HERE/key' }],
    ['default', { ...IDS, AZURE_CLIENT_CERTIFICATE_PATH: 'HERE/app.pem' }],
    ['default', { ...IDS, AZURE_CLIENT_CERTIFICATE_PATH: 'HERE/none', AZURE_CLIENT_SECRET: 's' }],
    ['managedIdentity', { AZURE_CLIENT_CERTIFICATE_PATH: 'HERE/none' }],
  ])('is let be where it is right, or not read (%s, %j)', async (credential, env) => {
    expect(await problemsOf(credential, env)).toEqual([]);
  });
});

describe('the proxy', () => {
  const proxyOf = async (network: string, env: Readonly<Record<string, string>> = {}) => {
    const at = await folder();
    await writeFile(join(at, 'key'), 'k');
    const config = await configWith(at, '{}', network === '' ? '' : `network: ${network}`);
    const resolved = await resolveSecrets(config, { TS_USER: 'me', ...env }, read);
    if (!resolved.ok) return resolved.problems;
    const { proxy } = resolved.config.network;
    if (proxy === undefined) return null;
    const { user, password } = proxy.credentials ?? {};
    return [proxy.address.reveal(), user?.reveal(), password?.reveal(), proxy.except];
  };
  const FILE = 'proxy: http://proxy.example.com:8080';

  test('is that of the settings, with its credentials by reference', async () => {
    const network = `{ ${FILE}, proxyUser: { env: PU }, proxyPassword: { env: PP }, noProxy: [.corp.example.com] }`;
    const env = { PU: 'us\n', PP: 'p:ß', HTTPS_PROXY: 'http://other:1', NO_PROXY: 'a.example' };
    expect(await proxyOf(network, env)).toEqual(['http://proxy.example.com:8080', 'us', 'p:ß', ['.corp.example.com']]);
    expect(await proxyOf(`{ ${FILE} }`, env)).toEqual([
      'http://proxy.example.com:8080',
      undefined,
      undefined,
      ['a.example'],
    ]);
    expect(await proxyOf(network, { ...env, PU: 'a:b' })).toEqual([
      expect.stringMatching(/^network\.proxyUser: .* colon/),
    ]);
  });

  test('is else that of HTTPS_PROXY, which is never meant for this machine', async () => {
    const here = ['localhost', '127.0.0.1', '[::1]'];
    expect(await proxyOf('', { HTTPS_PROXY: 'http://u:p@proxy:3128', NO_PROXY: 'a.example, .b.example' })).toEqual([
      'http://u:p@proxy:3128',
      undefined,
      undefined,
      ['a.example', '.b.example', ...here],
    ]);
    expect(await proxyOf('', { HTTPS_PROXY: 'http://upper:1', https_proxy: 'lower:2' })).toEqual([
      'http://lower:2',
      undefined,
      undefined,
      here,
    ]);
    expect(await proxyOf('', { HTTPS_PROXY: '' })).toBeNull();
    expect(await proxyOf('', { HTTPS_PROXY: 'socks5://u:hunter2@proxy' })).toEqual([
      expect.stringMatching(/^HTTPS_PROXY: /),
    ]);
    expect(JSON.stringify(await proxyOf('', { HTTPS_PROXY: 'socks5://u:hunter2@proxy' }))).not.toContain('hunter2');
  });

  test.each(['http://u:80#hunter2@proxy:1', 'http://u:80/hunter2@proxy:1', 'http://u:hunter2%zz@proxy:1'])(
    'is refused where its password is not encoded, and not shown (%s)',
    async (address) => {
      const [problem] = (await proxyOf('', { HTTPS_PROXY: address })) ?? [];
      expect(problem).toMatch(/^HTTPS_PROXY: .*percent-encoded\. Set it so/);
      expect(problem).not.toMatch(/hunter2|proxy:1/);
    },
  );

  test.each<[string, Readonly<Record<string, string>>]>([
    ['', { HTTPS_PROXY: 'http://proxy:3128', NO_PROXY: '*' }],
    ['', { HTTPS_PROXY: 'http://proxy:3128', NO_PROXY: 'a.example,*' }],
    ['{ noProxy: ["*"] }', { HTTPS_PROXY: 'http://proxy:3128' }],
    [`{ ${FILE}, noProxy: ["*", a.example] }`, {}],
  ])('is for nobody when * is excepted (%s, %j)', async (network, env) => {
    expect((await proxyOf(network, env))?.[3]).toEqual(['*']);
  });
});

test('a file that is not there is a problem like any other', async () => {
  const missing = await loadConfig('/nowhere/mdti-sync.yaml');
  expect(missing.ok ? '' : formatProblems(missing.problems, '/nowhere/mdti-sync.yaml')).toBe(
    '/nowhere/mdti-sync.yaml: there is no such file.',
  );
});

test('a secret prints as [secret], however it is printed', () => {
  const secret = new Secret('s3cret');
  expect(`${String(secret)} ${JSON.stringify({ secret })} ${inspect({ secret })}`).toBe(
    '[secret] {"secret":"[secret]"} { secret: [secret] }',
  );
  expect(secret.reveal()).toBe('s3cret');
});
