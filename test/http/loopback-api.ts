import { webcrypto } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:https';
import { connect, type Socket } from 'node:net';
import {
  BasicConstraintsExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

export interface Arrived {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What the API does with a request: answers it, never answers it, or cuts the connection. */
export type Behaviour = (request: Arrived) => Answer | 'silence' | 'cut' | Promise<Answer>;

export interface LoopbackApi {
  readonly url: string;
  /** PEM of the authority that signed the server's certificate. */
  readonly ca: string;
  readonly arrived: readonly Arrived[];
  behave(behaviour: Behaviour): void;
  close(): Promise<void>;
}

/** An HTTPS server on 127.0.0.1 whose certificate nobody trusts but those who are given `ca`. */
export async function startLoopbackApi(
  behaviour: Behaviour = () => ({ status: 200, body: '{}' }),
): Promise<LoopbackApi> {
  const { ca, cert, key } = await certificates();
  const arrived: Arrived[] = [];
  let behave = behaviour;
  const server = createServer({ cert, key }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const one = { method, path: url, headers, body: Buffer.concat(chunks).toString('utf8') };
      arrived.push(one);
      void Promise.resolve(behave(one)).then((answer) => {
        if (answer === 'silence') return;
        if (answer === 'cut') {
          response.writeHead(200, { 'content-length': '100' });
          response.write('{"cut":', () => request.socket.destroy());
          return;
        }
        response.writeHead(answer.status, { ...answer.headers });
        response.end(answer.body ?? '');
      });
    });
  });
  const port = await listen(server);
  return {
    url: `https://127.0.0.1:${port}`,
    ca,
    arrived,
    behave(next) {
      behave = next;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A forward proxy on 127.0.0.1 that knows CONNECT alone, and remembers what it was asked for. */
export async function startProxy(): Promise<{ url: string; tunnels: readonly string[]; close(): Promise<void> }> {
  const tunnels: string[] = [];
  const sockets = new Set<Socket>();
  const server = createHttpServer();
  server.on('connect', (request, client: Socket) => {
    const target = request.url ?? '';
    tunnels.push(target);
    const [host = '', port = ''] = target.split(':');
    const upstream = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.pipe(client);
      client.pipe(upstream);
    });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
    }
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    tunnels,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

async function listen(server: Pick<Server, 'listen' | 'address'>): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return address.port;
}

async function certificates(): Promise<{ ca: string; cert: string; key: string }> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const pair = () => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const [authority, server] = [await pair(), await pair()];
  const notBefore = new Date(Date.now() - 60_000);
  const notAfter = new Date(Date.now() + 3_600_000);
  const common = { notBefore, notAfter, signingAlgorithm: algorithm };
  const ca = await X509CertificateGenerator.createSelfSigned(
    {
      ...common,
      serialNumber: '01',
      name: 'CN=Loopback CA',
      keys: authority,
      extensions: [new BasicConstraintsExtension(true, 1, true)],
    },
    webcrypto,
  );
  const cert = await X509CertificateGenerator.create(
    {
      ...common,
      serialNumber: '02',
      subject: 'CN=127.0.0.1',
      issuer: ca.subject,
      publicKey: server.publicKey,
      signingKey: authority.privateKey,
      extensions: [new SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])],
    },
    webcrypto,
  );
  const key = PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', server.privateKey), 'PRIVATE KEY');
  return { ca: ca.toString('pem'), cert: cert.toString('pem'), key };
}
