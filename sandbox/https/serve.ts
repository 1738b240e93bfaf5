import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { WireAnswer, WireApi, WireRequest } from '../wire.ts';
import { WrongInput } from '../wrong-input.ts';
import type { Identity } from './certificates.ts';

export interface Route {
  /** `/graph`: the API sees the path without it. Empty for the API that has all other paths. */
  readonly prefix: string;
  readonly api: WireApi;
  /** Added to every answer of the API. */
  readonly latencyMs: number;
}

export interface Serving {
  readonly port: number;
  close(): Promise<void>;
}

/** Serves the APIs over HTTPS. The first route whose prefix fits takes a request. */
export async function serve(
  routes: readonly Route[],
  identity: Identity,
  at: { readonly address: string; readonly port: number },
): Promise<Serving> {
  const server = createServer({ key: identity.privateKey, cert: identity.certificate }, (request, response) => {
    void respond(routes, request, response);
  });
  // Clients keep connections for longer than the 5 seconds after which Node would cut them under a request.
  server.keepAliveTimeout = 120_000;
  server.listen(at.port, at.address);
  await once(server, 'listening').catch((error: unknown) => {
    throw cannotListen(error, at);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The sandbox does not listen on a port.');
  return {
    port: address.port,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        server.closeAllConnections();
      }),
  };
}

const TROUBLES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process has that port. Give it another port, or 0 for a free one',
  EACCES: 'this user may not take that port. Give it another port, or 0 for a free one',
  EADDRNOTAVAIL: 'this machine has no such address. Give it one that it has, or 0.0.0.0 for all of them',
  ENOTFOUND: 'there is no such address. Give it one of this machine, or 0.0.0.0 for all of them',
};

function cannotListen(error: unknown, { address, port }: { readonly address: string; readonly port: number }): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const trouble = TROUBLES[code];
  if (trouble === undefined) return error;
  return new WrongInput(`The sandbox cannot listen on ${address}, port ${port} (${code}): ${trouble}.`, {
    cause: error,
  });
}

async function respond(routes: readonly Route[], request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const url = new URL(request.url ?? '/', 'https://localhost');
    const route = routes.find(({ prefix }) => prefix === '' || url.pathname.startsWith(`${prefix}/`));
    if (route === undefined) return await write(response, { status: 404, body: '' }, '');
    const wire = wireRequest(request, url, route.prefix, await bodyOf(request));
    if (route.latencyMs > 0) await delay(route.latencyMs);
    const reply = await route.api.handle(wire);
    if (reply === 'cut') request.socket.destroy();
    else await write(response, reply, wire.headers['accept-encoding'] ?? '');
  } catch (error) {
    // A client that went away is no failure of the sandbox; anything else is a bug of it, and the caller should see which.
    if (response.headersSent || request.destroyed) response.destroy();
    else
      await write(
        response,
        {
          status: 500,
          body: `The sandbox failed: ${error instanceof Error ? error.stack : String(error)}`,
        },
        '',
      );
  }
}

function wireRequest(request: IncomingMessage, url: URL, prefix: string, body: string): WireRequest {
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
  return {
    method: request.method ?? 'GET',
    path: url.pathname.slice(prefix.length),
    query: url.searchParams,
    headers,
    body,
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

const PIECES = 10;
/** Of an answer without an end. */
const PIECE = 65_536;

async function write(
  response: ServerResponse,
  { status, headers, body, sending }: WireAnswer,
  accepted: string,
): Promise<void> {
  if (sending === undefined) {
    response.writeHead(status, { ...headers });
    response.end(body);
    return;
  }
  if (sending.packed === true && accepted.includes('gzip')) {
    response.writeHead(status, { ...headers, 'content-encoding': 'gzip' });
    response.end(gzipSync(body));
    return;
  }
  if (sending.endless === true) {
    response.writeHead(status, { ...headers });
    for (let piece = body; !response.destroyed; piece = body.slice(-PIECE)) {
      if (!response.write(piece)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
    }
    return;
  }
  const bytes = Buffer.from(body);
  const { overMs = 0, cutAfter = 1 } = sending;
  // The length of the whole is promised, so that a client can see that it did not get it.
  response.writeHead(status, { ...headers, 'content-length': String(bytes.length) });
  const until = Math.floor(bytes.length * cutAfter);
  const size = Math.max(1, Math.ceil(until / PIECES));
  for (let at = 0; at < until && !response.destroyed; at += size) {
    response.write(bytes.subarray(at, Math.min(until, at + size)));
    await delay(overMs / PIECES);
  }
  if (cutAfter < 1) response.destroy();
  else response.end();
}
