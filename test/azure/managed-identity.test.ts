import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createAzureCredential } from '../../azure/azure-credential.ts';

const SCOPE = 'https://graph.microsoft.com/.default';
let host: Server;
let asked: number;

/** The machine's own endpoint for tokens, as App Service has it (learn.microsoft.com, "REST endpoint reference"). */
beforeEach(async () => {
  asked = 0;
  host = createServer((_, response) => {
    asked += 1;
    const expires = Math.floor(Date.now() / 1_000) + 86_400;
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({
        access_token: `token ${asked}`,
        expires_on: String(expires),
        resource: 'https://graph.microsoft.com',
        token_type: 'Bearer',
      }),
    );
  });
  host.listen(0, '127.0.0.1');
  await once(host, 'listening');
  const address = host.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  process.env['IDENTITY_ENDPOINT'] = `http://127.0.0.1:${address.port}/token`;
  process.env['IDENTITY_HEADER'] = 'a header';
});
afterEach(async () => {
  delete process.env['IDENTITY_ENDPOINT'];
  delete process.env['IDENTITY_HEADER'];
  host.closeAllConnections();
  host.close();
  await once(host, 'close');
});

it('a managed identity, whose tokens the SDK keeps for the whole process, is asked anew for one that an API refused', async () => {
  const one = createAzureCredential({
    tenantId: '',
    clientId: '',
    credential: { type: 'managedIdentity' },
    instanceDiscovery: true,
  });
  expect((await one.getToken(SCOPE))?.token).toBe('token 1');
  expect(one.refused?.('token 1')).toBe(true);
  expect((await one.getToken(SCOPE))?.token).toBe('token 2');
  expect((await one.getToken(SCOPE))?.token).toBe('token 2');
  expect(asked).toBe(2);
  await one.close();
});
