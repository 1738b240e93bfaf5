import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AzureCredentialSettings, createAzureCredential } from '../../azure/azure-credential.ts';
import { makeCertificate } from '../config/rsa-certificate.ts';
import { faultFrom } from '../http/fault-from.ts';
import { type Answer, type Behaviour, type LoopbackApi, startLoopbackApi, startProxy } from '../http/loopback-api.ts';

const TENANT = '11111111-2222-3333-4444-555555555555';
const CLIENT = '66666666-7777-8888-9999-000000000000';
const SECRET = 'hush~very';
const SCOPE = 'https://graph.microsoft.com/.default';
let entra: LoopbackApi;

beforeEach(async () => {
  entra = await startLoopbackApi(onToken({ status: 200, body: TOKEN }));
});
afterEach(() => entra.close());

const TOKEN = JSON.stringify({ token_type: 'Bearer', expires_in: 3_600, ext_expires_in: 3_600, access_token: 'a.b.c' });

/** Entra ID that knows the tenant, and says this to whoever asks for a token. */
function onToken(answer: Answer): Behaviour {
  return ({ path, method }) => {
    if (method !== 'GET') return answer;
    const base = `${entra.url}/${path.split('/')[1] ?? ''}`;
    const document = {
      issuer: `${base}/v2.0`,
      token_endpoint: `${base}/oauth2/v2.0/token`,
      authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
      jwks_uri: `${base}/keys`,
    };
    return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(document) };
  };
}

function refusal(
  status: number,
  description: string,
  headers: Record<string, string> = {},
  error = 'invalid_client',
): Answer {
  const body = { error, error_description: description };
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

function credential(settings: Partial<AzureCredentialSettings> = {}, proxy?: string) {
  return createAzureCredential(
    {
      tenantId: TENANT,
      clientId: CLIENT,
      credential: { type: 'clientSecret', clientSecret: SECRET },
      authorityHost: entra.url,
      instanceDiscovery: false,
      ...settings,
    },
    { ca: entra.ca, ...(proxy === undefined ? {} : { proxy: { address: proxy, except: [] } }) },
  );
}

/** Requests for a token. */
const asked = () => entra.arrived.filter(({ method }) => method === 'POST');

describe('createAzureCredential', () => {
  it('gets a token once and keeps it', async () => {
    const one = credential();
    expect((await one.getToken(SCOPE))?.token).toBe('a.b.c');
    expect((await one.getToken(SCOPE))?.token).toBe('a.b.c');
    expect(asked()).toHaveLength(1);
    expect(new URLSearchParams(asked()[0]?.body).get('scope')).toContain(SCOPE);
  });

  it('asks once for all who come together, and once for each scope', async () => {
    const one = credential();
    const other = 'https://api.loganalytics.io/.default';
    const tokens = await Promise.all(
      [SCOPE, other].flatMap((scope) => Array.from({ length: 9 }, () => one.getToken(scope))),
    );
    expect(tokens.map((token) => token?.token)).toEqual(Array.from({ length: 18 }, () => 'a.b.c'));
    expect(asked()).toHaveLength(2);
  });

  it('asks anew for a token that an API refused, and keeps those of other APIs', async () => {
    let given = 0;
    const next = (): Answer => {
      given += 1;
      return { status: 200, body: TOKEN.replace('a.b.c', `token ${given}`) };
    };
    entra.behave((request) => {
      const answer = onToken({ status: 200 })(request);
      return request.method === 'POST' ? next() : answer;
    });
    const one = credential();
    const other = 'https://api.loganalytics.io/.default';
    expect((await one.getToken(SCOPE))?.token).toBe('token 1');
    expect((await one.getToken(other))?.token).toBe('token 2');
    expect(one.refused?.('token 1')).toBe(true);
    expect((await one.getToken(SCOPE))?.token).toBe('token 3');
    expect((await one.getToken(other))?.token).toBe('token 2');
    expect(asked()).toHaveLength(3);
  });

  it('asks again for those who come after a refusal', async () => {
    entra.behave(onToken(refusal(401, 'AADSTS7000215: Invalid client secret provided.')));
    const one = credential();
    const faults = await Promise.all([faultFrom(one.getToken(SCOPE)), faultFrom(one.getToken(SCOPE))]);
    expect(faults.map(({ kind }) => kind)).toEqual(['Refused', 'Refused']);
    expect(asked()).toHaveLength(1);
    entra.behave(onToken({ status: 200, body: TOKEN }));
    expect((await one.getToken(SCOPE))?.token).toBe('a.b.c');
  });

  it.each([
    [429, {}],
    [429, { 'retry-after': '30' }],
    [503, {}],
    [500, { 'retry-after': '1' }],
  ] as const)('asks again after a %i with %j, whatever the SDK remembers of it', async (status, headers) => {
    entra.behave(onToken(refusal(status, 'Come again.', headers, 'temporarily_unavailable')));
    const one = credential();
    for (let tries = 1; tries <= 3; tries += 1) {
      const kind = status === 429 ? 'Throttled' : 'Unavailable';
      expect(await faultFrom(one.getToken(SCOPE))).toMatchObject({
        kind,
        message: expect.stringContaining(`${status}`),
      });
      expect(asked()).toHaveLength(tries);
    }
    entra.behave(onToken({ status: 200, body: TOKEN }));
    expect((await one.getToken(SCOPE))?.token).toBe('a.b.c');
  });

  it('goes through the proxy with the CA of the settings', async () => {
    const proxy = await startProxy();
    expect((await credential({}, proxy.url).getToken(SCOPE))?.token).toBe('a.b.c');
    expect(proxy.tunnels.length).toBeGreaterThan(0);
    await proxy.close();
  });

  it('names the secret, the client and the tenant of a wrong secret, and does not show it', async () => {
    entra.behave(onToken(refusal(401, `AADSTS7000215: Invalid client secret provided for app '${CLIENT}'. ${SECRET}`)));
    const fault = await faultFrom(credential().getToken(SCOPE));
    expect(fault.kind).toBe('Refused');
    expect(fault.message).toBe(
      `azure.clientSecret was refused by Entra ID (AADSTS7000215: invalid client secret) for client ${CLIENT} in tenant ${TENANT}: check that it is the secret's value, not its id, and that it is current. Secrets are read when a worker starts: restart the workers after it was changed.`,
    );
    expect(inspect(fault, { depth: 9 })).not.toContain(SECRET);
  });

  it.each([
    ['unknown application', onToken(refusal(400, 'AADSTS700016: Application was not found'))],
    // An unknown tenant shows before a token is asked for, and the SDK does not say why.
    ['unknown tenant', () => refusal(400, 'AADSTS90002: Tenant was not found.')],
    ['AADSTS123456', onToken(refusal(400, 'AADSTS123456: Something new'))],
  ])('is Refused: %s', async (what, behaviour) => {
    entra.behave(behaviour);
    const fault = await faultFrom(credential().getToken(SCOPE));
    expect(fault).toMatchObject({ kind: 'Refused', message: expect.stringContaining(what) });
    expect(fault.message).toContain(TENANT);
  });

  it.each<[string, Behaviour]>([
    ['an outage', onToken({ status: 503, body: '<html>' })],
    ["a proxy's page", () => ({ status: 200, headers: { 'content-type': 'text/html' }, body: '<html>login</html>' })],
    ['a cut connection', () => 'cut'],
  ])('is Unavailable at %s', async (_, behaviour) => {
    entra.behave(behaviour);
    const fault = await faultFrom(credential().getToken(SCOPE));
    expect(fault.kind).toBe('Unavailable');
    expect(fault.message).toMatch(/\.$/);
  });

  // learn.microsoft.com/entra/identity-platform/reference-error-codes: "temporarily unavailable", "transient", "timed out" and the like.
  const TRANSIENT = ['40010', '50033', '50087', '70012', '90006', '90012', '90024', '90033', '90090', '90091'];
  it.each<[number, string, string]>([
    ...TRANSIENT.map((code): [number, string, string] => [400, code, 'invalid_client']),
    // Whatever the code, known or not.
    ...['90012', '90024', '50000', '123456', '7000215'].map((code): [number, string, string] => [
      503,
      code,
      'temporarily_unavailable',
    ]),
    [500, '90036', 'server_error'],
    [504, '90012', 'invalid_request'],
    // What OAuth itself has for it, without a code that says so: RFC 6749, and learn.microsoft.com on the token endpoint.
    [400, '123456', 'temporarily_unavailable'],
    [400, '123456', 'server_error'],
  ])('is Unavailable at a %i of Entra ID with AADSTS%s (%s)', async (status, code, error) => {
    entra.behave(onToken(refusal(status, `AADSTS${code}: Please try again.`, { 'retry-after': '3' }, error)));
    const fault = await faultFrom(credential().getToken(SCOPE));
    expect(fault).toMatchObject({ kind: 'Unavailable', retryAfterMs: 3_000 });
    expect(fault.message).toBe(`Entra ID answered ${status} (AADSTS${code}).`);
  });

  it.each(['90024', '50033'])('is Unavailable at AADSTS%s before a token is asked for, too', async (code) => {
    entra.behave(() => refusal(503, `AADSTS${code}: A transient error has occurred.`));
    expect(await faultFrom(credential().getToken(SCOPE))).toMatchObject({ kind: 'Unavailable' });
  });

  it.each([
    [400, '90055'],
    [429, '90055'],
    [400, '50196'],
    [429, '90024'],
    [429, '123456'],
    [503, '90055'],
  ])('is Throttled at a %i of Entra ID with AADSTS%s', async (status, code) => {
    entra.behave(onToken(refusal(status, `AADSTS${code}: too many requests`, { 'retry-after': '7' })));
    expect(await faultFrom(credential().getToken(SCOPE))).toMatchObject({ kind: 'Throttled', retryAfterMs: 7_000 });
  });

  it('is Throttled for as long as Entra ID says', async () => {
    entra.behave(onToken(refusal(429, 'AADSTS90055: too many requests', { 'retry-after': '7' })));
    expect(await faultFrom(credential().getToken(SCOPE))).toMatchObject({ kind: 'Throttled', retryAfterMs: 7_000 });
  });

  it('says what a certificate lacks that was put in its place while it runs', async () => {
    const path = join(await mkdtemp(join(tmpdir(), 'mdti-sync-certificate-')), 'app.pem');
    const { certificate, key } = await makeCertificate(new Date(Date.now() + 86_400_000));
    await writeFile(path, `${certificate}\n${key}`);
    const one = credential({ credential: { type: 'clientCertificate', path } });
    expect((await one.getToken(SCOPE))?.token).toBe('a.b.c');
    for (const [content, sentence] of [
      [key, /holds a private key and no certificate/],
      [certificate, /holds a certificate and no private key/],
      [Buffer.from([0x30, 0x82, 0x09, 0xff]), /is no PEM\./],
    ] as const) {
      await writeFile(path, content);
      const fault = await faultFrom(one.getToken('https://api.loganalytics.io/.default'));
      expect(fault).toMatchObject({ kind: 'Refused', message: expect.stringMatching(sentence) });
      expect(fault.message).toMatch(/^azure\.certificatePath: the file .*app\.pem holds|is no PEM/);
    }
  });

  it('says what is missing: a certificate, a token file, a way to sign in', async () => {
    const path = '/nowhere/certificate.pem';
    const certificate = credential({ credential: { type: 'clientCertificate', path } });
    expect(await faultFrom(certificate.getToken(SCOPE))).toMatchObject({
      kind: 'Refused',
      message: expect.stringMatching(/^azure\.certificatePath: the file .* cannot be read \(ENOENT\)/),
    });
    const workload = credential({ credential: { type: 'workloadIdentity', tokenFile: '/nowhere/token' } });
    expect(await faultFrom(workload.getToken(SCOPE))).toMatchObject({ kind: 'Refused' });
    expect(() => credential({ authorityHost: 'http://127.0.0.1' })).toThrow(/azure\.authorityHost \(https\)/);
  });
});
