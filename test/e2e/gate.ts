import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A way to a server on this machine that can be closed. */
export interface Gate {
  readonly address: string;
  /** Cuts every connection, and takes no new one. */
  readonly shut: () => void;
  /** Lets nothing pass, and says so to nobody. */
  readonly hold: () => void;
  readonly open: () => void;
  readonly close: () => Promise<void>;
}

export async function startGate(target: string): Promise<Gate> {
  const [host = '', targetPort = ''] = target.split(':');
  const sockets = new Set<Socket>();
  let state: 'open' | 'held' | 'shut' = 'open';
  const server = createServer((client) => {
    if (state === 'shut') {
      client.destroy();
      return;
    }
    const upstream = connect(Number(targetPort), host);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on('data', (chunk) => to.write(chunk));
      from.on('error', () => undefined);
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      if (state === 'held') from.pause();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  const destroyAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    address: `127.0.0.1:${port}`,
    shut() {
      state = 'shut';
      destroyAll();
    },
    hold() {
      state = 'held';
      for (const socket of sockets) socket.pause();
    },
    open() {
      state = 'open';
      for (const socket of sockets) socket.resume();
    },
    async close() {
      destroyAll();
      server.close();
      await once(server, 'close');
    },
  };
}
