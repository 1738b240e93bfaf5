import { ClientSecretCredential } from '@azure/identity';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { asFetched } from './https-request.ts';

let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox({ indicators: 0 });
});
afterEach(() => {
  sandbox.setFaults({ entra: { refuse: false, tokenSeconds: 3_599, withoutPermission: [] } });
});
afterAll(async () => {
  await sandbox.close();
});

const LOGS_SCOPE = 'https://api.loganalytics.io/.default';

function credential(secret: string, tenantId: string = sandbox.credentials.tenantId): ClientSecretCredential {
  return new ClientSecretCredential(tenantId, sandbox.credentials.clientId, secret, {
    authorityHost: sandbox.urls.authority,
    disableInstanceDiscovery: true,
    tlsOptions: { ca: sandbox.ca },
    retryOptions: { maxRetries: 0 },
  });
}

test('the real credential gets a token, and keeps it while it is good', async () => {
  const real = credential(sandbox.credentials.clientSecret);
  const first = await real.getToken(LOGS_SCOPE);
  expect(first.token).toMatch(/^[\w-]{43}$/);
  expect(await real.getToken(LOGS_SCOPE)).toEqual(first);
  const other = await real.getToken('https://graph.microsoft.com/.default');
  expect(other.token).not.toBe(first.token);
});

test('a token that is about to expire is asked for anew', async () => {
  sandbox.setFaults({ entra: { tokenSeconds: 60 } });
  const real = credential(sandbox.credentials.clientSecret);
  const first = await real.getToken(LOGS_SCOPE);
  expect((await real.getToken(LOGS_SCOPE)).token).not.toBe(first.token);
});

test.each([
  ['a wrong secret', 'wrong', undefined, /AADSTS7000215/],
  ['another tenant', 'not-a-secret-client-secret', '00000000-0000-0000-0000-000000000009', /AADSTS90002/],
])('%s is refused in the words of Entra ID', async (_, secret, tenant, words) => {
  await expect(credential(secret, tenant).getToken(LOGS_SCOPE)).rejects.toThrow(words);
});

test('an expired secret and an API that is not there are refused too', async () => {
  const real = credential(sandbox.credentials.clientSecret);
  await expect(real.getToken('https://nowhere.invalid/.default')).rejects.toThrow(/AADSTS500011/);
  sandbox.setFaults({ entra: { refuse: true } });
  await expect(real.getToken(LOGS_SCOPE)).rejects.toThrow(/AADSTS7000222/);
});

test('a token that was given before its permission was granted lacks it; one that was given before a revocation is not taken', async () => {
  const { urls, credentials } = sandbox;
  const audience = 'graph.microsoft.com';
  // A new one each time, which keeps no tokens of before.
  const token = async () => (await credential(credentials.clientSecret).getToken(`https://${audience}/.default`)).token;
  const statusOf = async (bearer: string) => {
    const url = `${urls.graph}/security/threatIntelligence/hosts/a.example.com/reputation`;
    return (await asFetched(sandbox, url, { headers: { authorization: `Bearer ${bearer}` } })).status;
  };
  sandbox.setFaults({ entra: { withoutPermission: [audience] } });
  const before = await token();
  sandbox.setFaults({ entra: { withoutPermission: [] } });
  const since = await token();
  expect([await statusOf(before), await statusOf(since)]).toEqual([403, 200]);
  sandbox.setFaults({ entra: { era: 1 } });
  expect([await statusOf(since), await statusOf(await token())]).toEqual([401, 200]);
});

test('errors have the shape of the real ones', async () => {
  const { urls, credentials } = sandbox;
  const reply = await asFetched(sandbox, `${urls.authority}/${credentials.tenantId}/oauth2/v2.0/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: `grant_type=client_credentials&client_id=${credentials.clientId}&client_secret=wrong&scope=${LOGS_SCOPE}`,
  });
  expect(reply.status).toBe(401);
  expect(reply.json()).toMatchObject({
    error: 'invalid_client',
    error_description: expect.stringMatching(/^AADSTS7000215: Invalid client secret.* Trace ID: .* Correlation ID: /),
    error_codes: [7_000_215],
  });
});
