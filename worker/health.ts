import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { hostAndPort, type ListenAddress } from '../config/listen-address.ts';

export interface Health {
  close(): Promise<void>;
}

/**
 * Serves `/healthz` (200 while the process answers and nothing that it cannot do without has died) and `/readyz`; else 503 with one line
 * of JSON that says why. `notAlive` and `notReady` give the reason as a sentence, or null; requests that come while `notReady` is
 * looking share its answer.
 */
export async function serveHealth(
  listen: ListenAddress,
  notReady: () => Promise<string | null>,
  notAlive: () => string | null = () => null,
): Promise<Health> {
  let looking: Promise<string | null> | null = null;
  const look = (): Promise<string | null> => {
    looking ??= notReady().finally(() => {
      looking = null;
    });
    return looking;
  };
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0];
    if (request.method !== 'GET' && request.method !== 'HEAD') answer(response, 405, { error: 'only GET' });
    else if (path === '/healthz') {
      const reason = notAlive();
      if (reason === null) answer(response, 200, { alive: true });
      else answer(response, 503, { alive: false, reason });
    } else if (path === '/readyz') {
      look().then(
        (reason) =>
          reason === null ? answer(response, 200, { ready: true }) : answer(response, 503, { ready: false, reason }),
        () => answer(response, 503, { ready: false, reason: 'Whether the worker is ready could not be found out.' }),
      );
    } else answer(response, 404, { error: 'only /healthz and /readyz' });
  });
  server.listen(listen.port, listen.host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new Error(cannotListen('worker.health.listen', listen, error), { cause: error });
  }
  // A probe that never ends does not keep the process.
  server.unref();
  return {
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** `setting` is where the address was chosen. */
export function cannotListen(setting: string, listen: ListenAddress, error: unknown): string {
  const why = error instanceof Error ? error.message : String(error);
  return `${hostAndPort(listen)} cannot be listened on (${why}). Choose another address in ${setting}, or end what uses it.`;
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  response.end(`${JSON.stringify(body)}\n`);
}
