import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { freePort } from './free-port.ts';
import { lastWords } from './run-program.ts';
import { type SearchAttributeType, serverArguments } from './server-arguments.ts';
import { type ServerExit, startProcess } from './server-process.ts';
import { untilServing } from './until-serving.ts';

export interface DevServerOptions {
  /** Path of a `temporal`; see `locateTemporal`. */
  readonly binary: string;
  /** Keeps the server's state; one of an earlier run is gone on with. In memory without. */
  readonly dbFile?: string;
  /** Port of the UI; a free one without. */
  readonly uiPort?: number;
  /** Gets the server's output; without, it is kept until the server stops. */
  readonly logFile?: string;
  /** Stops the server, also while it starts. */
  readonly signal?: AbortSignal;
  readonly searchAttributes: Readonly<Record<string, SearchAttributeType>>;
  /** Default: `default`. */
  readonly namespace?: string;
}

export interface DevServer {
  /** `127.0.0.1:port`, for a Temporal client. */
  readonly address: string;
  readonly uiUrl: string;
  readonly namespace: string;
  readonly pid: number;
  /** Ends it: politely, after ten seconds by force. Can be called again. */
  stop(): Promise<void>;
  /** Resolves when the process has ended, for whatever reason. */
  readonly exited: Promise<ServerExit>;
}

/** The server did not come up; the message has its last words. */
export class DevServerFailed extends Error {
  override readonly name = 'DevServerFailed';
}

/** A free port can be taken by another process before the server has it. */
const TRIES = 5;

/** Starts a Temporal server with its UI on this machine, and resolves when it answers. */
export async function startDevServer(options: DevServerOptions): Promise<DevServer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await tryToStart(options);
    } catch (error) {
      const taken = error instanceof DevServerFailed && error.message.includes('address already in use');
      if (!taken || attempt === TRIES || options.uiPort !== undefined) throw error;
    }
  }
}

async function tryToStart({ binary, signal, ...options }: DevServerOptions): Promise<DevServer> {
  signal?.throwIfAborted();
  const { namespace = 'default', dbFile, searchAttributes } = options;
  if (dbFile !== undefined) await mkdir(dirname(dbFile), { recursive: true });
  const log = await openLog(options.logFile);
  const port = await freePort();
  const uiPort = options.uiPort ?? (await freePort());
  const args = serverArguments({ port, uiPort, namespace, searchAttributes, ...(dbFile !== undefined && { dbFile }) });
  const server = await startProcess(binary, args, log.file, process.env);
  const exited = server.exited.finally(log.discard);
  const stop = async () => {
    signal?.removeEventListener('abort', stopNow);
    await server.stop();
    await exited;
  };
  const stopNow = () => void stop();
  signal?.addEventListener('abort', stopNow, { once: true });
  const address = `127.0.0.1:${port}`;
  const ended = server.exited.then(async ({ code }) => {
    throw new DevServerFailed(
      `The Temporal dev server ended before it was ready (exit code ${code}): ${lastWords(await readFile(log.file, 'utf8'))}`,
    );
  });
  try {
    await Promise.race([untilServing(address, namespace), ended]);
    signal?.throwIfAborted();
  } catch (error) {
    await stop();
    signal?.throwIfAborted();
    throw error;
  }
  ended.catch(() => undefined);
  return { address, uiUrl: `http://127.0.0.1:${uiPort}`, namespace, pid: server.pid, stop, exited };
}
