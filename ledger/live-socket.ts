import { type FileHandle, open } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';

export interface LiveSocket {
  close(): Promise<void>;
}

/**
 * A listening socket in a folder. The kernel lets whoever connects in for as long as this process lives, however it ends, stopped or busy
 * as it may be, and from every container of the machine that has the folder. Null where the file system has no sockets.
 */
export async function listenIn(folder: string, name: string): Promise<LiveSocket | null> {
  const place = await shortPath(folder, name);
  const server = createServer((visitor) => visitor.destroy());
  server.unref();
  try {
    // Whoever may open the folder may ask, under whatever user.
    await listening(server, place.path);
    if (await connects(place.path)) {
      return {
        async close() {
          await closed(server);
          await place.done();
        },
      };
    }
    await closed(server);
  } catch {
    // It cannot be listened on here.
  }
  await place.done();
  return null;
}

/** Whether somebody listens there. When it cannot be told, somebody does. */
export async function answers(folder: string, name: string): Promise<boolean> {
  const place = await shortPath(folder, name);
  try {
    return await connects(place.path);
  } finally {
    await place.done();
  }
}

/** A path of a socket has 107 bytes at most: Linux has a short name for the folder, while it is open. */
async function shortPath(folder: string, name: string): Promise<{ path: string; done: () => Promise<void> }> {
  if (process.platform !== 'linux') return { path: join(folder, name), done: async () => undefined };
  const handle: FileHandle = await open(folder);
  return { path: `/proc/self/fd/${handle.fd}/${name}`, done: () => handle.close() };
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path, readableAll: true, writableAll: true }, resolve);
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

/** No socket, or one that nobody listens on any more. */
const NOBODY: ReadonlySet<unknown> = new Set(['ENOENT', 'ECONNREFUSED', 'ENOTSOCK']);

function connects(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const visit = connect(path);
    visit.once('connect', () => {
      visit.destroy();
      resolve(true);
    });
    visit.once('error', (error) => resolve(!NOBODY.has(Reflect.get(error, 'code'))));
  });
}
