import { createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ClientCertificate } from '../../http/http-client.ts';
import { createHttpClient } from '../../http/undici-client.ts';
import { createAuthority, createClientIdentity, createServerIdentity } from '../../sandbox/https/certificates.ts';

const SIGNAL = new AbortController().signal;

/** A server that lets nobody in without a certificate of its authority, in a version of TLS. */
async function startServer(version: 'TLSv1.2' | 'TLSv1.3') {
  const authority = await createAuthority();
  const { certificate, privateKey } = await createServerIdentity(authority);
  const seen: string[] = [];
  const server = createServer(
    {
      cert: certificate,
      key: privateKey,
      ca: authority.certificate,
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: version,
      maxVersion: version,
    },
    (request, response) => {
      seen.push(request.url ?? '');
      response.end('{}');
    },
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const ask = async (shown?: ClientCertificate) => {
    const http = createHttpClient({
      ca: authority.certificate,
      timeoutMs: 10_000,
      connections: 1,
      ...(shown === undefined ? {} : { certificate: shown }),
    });
    onTestFinished(() => http.close());
    return http.send({ method: 'GET', url: `https://localhost:${port}/`, signal: SIGNAL });
  };
  return { authority, seen, ask };
}

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('a server that asks for a certificate by %s', (version) => {
  test('lets in who shows one, its key closed or open', async () => {
    const { authority, seen, ask } = await startServer(version);
    const { certificate, privateKey } = await createClientIdentity(authority);
    expect((await ask({ pem: `${certificate}\n${privateKey}` })).status).toBe(200);
    const closed = createPrivateKey(privateKey).export({
      format: 'pem',
      type: 'pkcs8',
      cipher: 'aes-256-cbc',
      passphrase: 'open',
    });
    expect((await ask({ pem: `${certificate}\n${String(closed)}`, password: 'open' })).status).toBe(200);
    expect(seen).toHaveLength(2);
  });

  // What the server says of it is lost where it cuts the connection at once: nobody knows then.
  test('does not let in who shows none, or one of another authority', async () => {
    const { seen, ask } = await startServer(version);
    const { certificate, privateKey } = await createClientIdentity(await createAuthority());
    await expect(ask({ pem: `${certificate}\n${privateKey}` })).rejects.toMatchObject({ kind: 'Unavailable' });
    await expect(ask()).rejects.toMatchObject({
      kind: 'Unavailable',
      message: expect.stringContaining(
        version === 'TLSv1.2' ? 'asks for a client certificate' : 'could not be reached',
      ),
    });
    expect(seen).toEqual([]);
  });
});
