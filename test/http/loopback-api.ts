import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:https';
import { connect, type Server, type Socket } from 'node:net';
import { pipeline } from 'node:stream';
import { loopbackIdentity } from './loopback-identity.ts';

export interface Arrived {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** What comes in pieces is sent as it comes, for as long as somebody reads. */
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array>;
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
  const { ca, identity } = await loopbackIdentity();
  const arrived: Arrived[] = [];
  let behave = behaviour;
  const server = createServer({ cert: identity.certificate, key: identity.privateKey }, (request, response) => {
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
        const { body = '' } = answer;
        if (typeof body === 'string' || body instanceof Uint8Array) response.end(body);
        else pipeline(body, response, () => undefined);
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

interface ProxyManners {
  /** Whom alone it lets through. */
  readonly user?: string;
  readonly password?: string;
  /** In the place of a tunnel. */
  readonly answers?: number;
}

/** A forward proxy on 127.0.0.1 that knows CONNECT alone, and remembers the tunnels that it made. */
export async function startProxy({
  user,
  password,
  answers,
}: ProxyManners = {}): Promise<{ url: string; tunnels: readonly string[]; close(): Promise<void> }> {
  const tunnels: string[] = [];
  const sockets = new Set<Socket>();
  const server = createHttpServer();
  server.on('connect', (request, client: Socket) => {
    const target = request.url ?? '';
    const known = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
    const refusal = user === undefined || request.headers['proxy-authorization'] === known ? answers : 407;
    if (refusal !== undefined) {
      client.end(`HTTP/1.1 ${refusal} No\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
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

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return address.port;
}
