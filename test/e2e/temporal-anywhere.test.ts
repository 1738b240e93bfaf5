import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { msToTs } from '@temporalio/common/lib/time.js';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { oneWindow } from '../../client/cli/one-window.ts';
import {
  createAuthority,
  createClientIdentity,
  createServerIdentity,
  type Identity,
} from '../../sandbox/https/certificates.ts';
import { type Finished, launch, run } from './command.ts';
import { lastLine, type Stack, startStack } from './stack.ts';
import { type Front, startFront } from './temporal-front.ts';

type Env = Readonly<Record<string, string>>;
/** Commands at once. */
const AT_ONCE = 4;
const API_KEY = 'an-api-key-of-the-cloud';

let folder: string;
let mutual: Front;
let keyed: Front;
let stack: Stack;
const file = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mdti-sync anywhere '));
  const [authority, stranger] = await Promise.all([createAuthority(), createAuthority()]);
  const server = await createServerIdentity(authority);
  const keep = async (name: string, identity: Identity): Promise<void> => {
    await writeFile(file(`${name}.pem`), identity.certificate);
    await writeFile(file(`${name}.key`), identity.privateKey);
  };
  await keep('ca', authority);
  await keep('other-ca', stranger);
  await keep('client', await createClientIdentity(authority));
  await keep('stranger', await createClientIdentity(stranger));
  mutual = await startFront(inject('temporalAddress'), server, { clientCa: authority.certificate });
  keyed = await startFront(inject('temporalAddress'), server, { apiKey: API_KEY, noOperators: true });
  await writeFile(
    file('temporal.toml'),
    `[profile.prod]
address = "${mutual.address}"
namespace = "default"
[profile.prod.tls]
server_ca_cert_path = "${file('ca.pem')}"
client_cert_path = "${file('client.pem')}"
client_key_path = "${file('client.key')}"
`,
  );
  await writeFile(file('broken.toml'), `[profile.prod]\napi_key = "${API_KEY}\n`);
  stack = await startStack({
    address: inject('temporalAddress'),
    sandbox: ['--indicators', '20'],
    source: { since: '2h', window: oneWindow(new Date()) },
  });
});
afterAll(async () => {
  await stack.close();
  await mutual.close();
  await keyed.close();
  await rm(folder, { recursive: true, force: true });
});

/** The environment of the stack's commands, with Temporal elsewhere. */
const env = (temporal: Env): Env => ({
  MDTI_SYNC_CONFIG: stack.configFile,
  MDTI_SYNC_TASK_QUEUE: `queue of ${stack.pipeline}`,
  AZURE_CLIENT_SECRET: stack.sandbox.credentials.clientSecret,
  THREATSTREAM_USER: stack.sandbox.credentials.threatstreamUser,
  THREATSTREAM_API_KEY: stack.sandbox.credentials.threatstreamApiKey,
  // Not the file of whoever runs the tests.
  TEMPORAL_CONFIG_FILE: file('none.toml'),
  ...temporal,
});

const trusting = (): Env => ({ TEMPORAL_TLS_SERVER_CA_CERT_PATH: file('ca.pem') });
const shownAs = (name: string): Env => ({
  TEMPORAL_TLS_CLIENT_CERT_PATH: file(`${name}.pem`),
  TEMPORAL_TLS_CLIENT_KEY_PATH: file(`${name}.key`),
});

describe('worker and commands reach a Temporal', () => {
  test.each<[string, () => Front, () => Env]>([
    [
      'with mTLS, by the environment',
      () => mutual,
      () => ({ TEMPORAL_ADDRESS: mutual.address, ...trusting(), ...shownAs('client') }),
    ],
    [
      'with mTLS, by a profile',
      () => mutual,
      () => ({ TEMPORAL_CONFIG_FILE: file('temporal.toml'), TEMPORAL_PROFILE: 'prod', TEMPORAL_API_KEY: '' }),
    ],
    [
      'with an API key',
      () => keyed,
      () => ({ TEMPORAL_ADDRESS: keyed.address, TEMPORAL_API_KEY: API_KEY, ...trusting() }),
    ],
  ])('%s', async (_, front, temporal) => {
    const before = front().passed();
    const worker = launch(['worker', '--log-level', 'warn'], { env: env(temporal()), cwd: stack.folder });
    await worker.line('stderr', /The worker polls/);
    const synced = await run(['sync', '--pipeline', stack.pipeline, '--json'], { env: env(temporal()) });
    expect(synced.stderr).not.toContain('mdti-sync:');
    expect(lastLine(synced)).toMatchObject({ pending: 0 });
    expect(await worker.stop()).toBe(0);
    expect(worker.stderr()).not.toMatch(/"level"/);
    // The worker's calls and the command's.
    expect(front().passed() - before).toBeGreaterThan(20);
  });
});

test('what stands in the way is said in a sentence, with what to do', async () => {
  const plain = inject('temporalAddress');
  const cases: readonly (readonly [RegExp, Env, number?])[] = [
    [/certificate of Temporal at .* is not trusted .*TEMPORAL_TLS_SERVER_CA_CERT_PATH/, shownAs('client')],
    [/is not trusted/, { TEMPORAL_TLS_SERVER_CA_CERT_PATH: file('other-ca.pem'), ...shownAs('client') }],
    [/asks for a client certificate .*TEMPORAL_TLS_CLIENT_CERT_PATH/, trusting()],
    [/refused the client certificate/, { ...trusting(), ...shownAs('stranger') }],
    [
      /is for another name: .*TEMPORAL_TLS_SERVER_NAME/,
      { ...trusting(), ...shownAs('client'), TEMPORAL_TLS_SERVER_NAME: 'temporal.example.com' },
    ],
    [/asks for TLS: set TEMPORAL_TLS=true/, {}],
    [/does not speak TLS/, { TEMPORAL_ADDRESS: plain, TEMPORAL_TLS: 'true' }],
    [/could not be reached \(ECONNREFUSED\)\. .*TEMPORAL_ADDRESS/, { TEMPORAL_ADDRESS: '127.0.0.1:1' }],
    [/could not be reached \(ENOTFOUND\)/, { TEMPORAL_ADDRESS: 'no-such-host.invalid:7233' }],
    [/has no namespace elsewhere: /, { TEMPORAL_ADDRESS: plain, TEMPORAL_NAMESPACE: 'elsewhere' }],
    [
      /did not accept the credential: check TEMPORAL_API_KEY/,
      { TEMPORAL_ADDRESS: keyed.address, ...trusting(), TEMPORAL_API_KEY: 'a-key-of-last-year' },
    ],
    [/did not accept the credential/, { TEMPORAL_ADDRESS: keyed.address, ...trusting() }],
    [/needs its private key/, { TEMPORAL_TLS_CLIENT_CERT_PATH: file('client.pem') }, 2],
    [/nowhere\.pem, .* cannot be read \(ENOENT\)/, { TEMPORAL_TLS_SERVER_CA_CERT_PATH: file('nowhere.pem') }, 2],
    [
      /no profile staging in .*temporal\.toml/,
      { TEMPORAL_CONFIG_FILE: file('temporal.toml'), TEMPORAL_PROFILE: 'staging' },
      2,
    ],
    [
      /not readable as TOML: the mistake is in line 2/,
      { TEMPORAL_CONFIG_FILE: file('broken.toml'), TEMPORAL_PROFILE: 'prod' },
      2,
    ],
  ];
  const told = async (args: readonly string[], temporal: Env): Promise<Finished> =>
    run(args, { env: env({ TEMPORAL_ADDRESS: mutual.address, ...temporal }), cwd: stack.folder });
  const check = (finished: Finished | undefined, sentence: RegExp, expected: number): void => {
    const { code, stderr } = finished ?? { code: null, stderr: '' };
    expect(stderr).toMatch(sentence);
    // Node itself remarks on a server name that is an address.
    const lines = stderr
      .trim()
      .split('\n')
      .filter((line) => !/^\(.*(DEP0123|--trace-deprecation)/.test(line));
    expect(lines).toEqual([expect.stringMatching(/^mdti-sync: .*\.$/)]);
    expect(stderr).not.toMatch(new RegExp(`${API_KEY}|a-key-of-last-year|PRIVATE KEY`));
    expect(code).toBe(expected);
  };
  // Each waits five seconds before it gives up.
  for (let at = 0; at < cases.length; at += AT_ONCE) {
    const some = cases.slice(at, at + AT_ONCE);
    const finished = await Promise.all(some.map(([, temporal]) => told(['schedule', 'list'], temporal)));
    for (const [index, [sentence, , code = 3]] of some.entries()) check(finished[index], sentence, code);
  }
  // A worker connects by other means, and looks in the same way before it does.
  check(await told(['worker'], trusting()), /asks for a client certificate/, 3);
});

test('a namespace that was not set up is told apart, and where a client may not do it, how else', async () => {
  const namespace = `unprepared-${stack.pipeline}`;
  await stack.temporal.connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: msToTs('1 day'),
  });
  const plain = env({ TEMPORAL_ADDRESS: inject('temporalAddress'), TEMPORAL_NAMESPACE: namespace });
  const cloud = env({
    TEMPORAL_ADDRESS: keyed.address,
    TEMPORAL_API_KEY: API_KEY,
    ...trusting(),
    TEMPORAL_NAMESPACE: namespace,
  });
  // A new namespace is known everywhere a moment later.
  const told = async (args: readonly string[], by: Env): Promise<string> => {
    const { stderr } = await run([...args, '--pipeline', stack.pipeline], { env: by });
    return stderr;
  };
  await expect
    .poll(() => told(['backfill', 'pause'], plain), { timeout: 60_000 })
    .toMatch(/does not know the search attribute Mdti\w+\. Run 'mdti-sync setup' first/);
  const worker = launch(['worker', '--log-level', 'error'], { env: plain, cwd: stack.folder });
  await worker.line('stderr', /^Warning: Namespace .* Run 'mdti-sync setup' first/);
  await worker.line('stderr', /The worker polls/);
  await worker.stop();

  const refused = await run(['setup'], { env: cloud });
  expect(refused.stderr).toMatch(
    /tcld namespace search-attributes add --namespace unprepared-.*"MdtiPipeline=Keyword".*"MdtiWindowFrom=Datetime"/,
  );
  expect(refused.code).toBe(1);
  expect((await run(['setup'], { env: plain })).stdout).toContain('Registered');
  await expect
    .poll(async () => (await run(['setup'], { env: cloud })).stdout, { timeout: 60_000 })
    .toContain('has all search attributes');
});
