import { createReadStream } from 'node:fs';
import { appendFile, chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { makeFolder } from '../../ledger/make-folder.ts';
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
  /** Port for Temporal clients; a free one without. */
  readonly port?: number;
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
  /** A port was taken by another process between its choice and its use. */
  readonly portTaken: boolean;

  constructor(
    message: string,
    { portTaken = false, ...options }: ErrorOptions & { readonly portTaken?: boolean } = {},
  ) {
    super(message, options);
    this.portTaken = portTaken;
  }
}

/** Ports are chosen anew this often: by us, and by the server for the listeners that it keeps to itself. */
const TRIES = 5;
/** Anywhere in its output: the server ends with a panic when it is one of its own ports, and the trace comes last. */
const PORT_TAKEN = /address already in use|failed assigning ephemeral port/;

/** Starts a Temporal server with its UI on this machine, and resolves when it answers. */
export async function startDevServer(options: DevServerOptions): Promise<DevServer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await tryToStart(options);
    } catch (error) {
      const taken = error instanceof DevServerFailed && error.portTaken;
      if (!taken || attempt === TRIES || options.port !== undefined || options.uiPort !== undefined) throw error;
    }
  }
}

async function tryToStart({ binary, signal, ...options }: DevServerOptions): Promise<DevServer> {
  signal?.throwIfAborted();
  const { namespace = 'default', dbFile, searchAttributes } = options;
  if (dbFile !== undefined) {
    await makeFolder(dirname(dbFile));
    // One that is kept may have been made for all to read.
    for (const file of [dbFile, `${dbFile}-wal`, `${dbFile}-shm`]) await chmod(file, 0o600).catch(() => undefined);
  }
  const log = await openLog(options.logFile);
  const port = options.port ?? (await freePort());
  const uiPort = options.uiPort ?? (await freePort());
  const args = serverArguments({ port, uiPort, namespace, searchAttributes, ...(dbFile !== undefined && { dbFile }) });
  const server = await startProcess(binary, args, log.file, process.env).catch(async (cause: unknown) => {
    await log.discard();
    throw new DevServerFailed(`${binary} could not be started. See that it is a temporal binary for this machine.`, {
      cause,
    });
  });
  const ending = server.exited.then(async (exit) => {
    const output = await log.written();
    await log.discard();
    return { exit, output };
  });
  const stop = async () => {
    signal?.removeEventListener('abort', stopNow);
    await server.stop();
    await ending;
  };
  const stopNow = () => void stop();
  signal?.addEventListener('abort', stopNow, { once: true });
  if (signal?.aborted === true) stopNow();
  const address = `127.0.0.1:${port}`;
  try {
    await readyOrEnded(binary, address, namespace, ending);
    signal?.throwIfAborted();
  } catch (error) {
    await stop();
    signal?.throwIfAborted();
    throw error;
  }
  const exited = ending.then(({ exit }) => exit);
  return { address, uiUrl: `http://127.0.0.1:${uiPort}`, namespace, pid: server.pid, stop, exited };
}

async function readyOrEnded(
  binary: string,
  address: string,
  namespace: string,
  ending: Promise<{ readonly exit: ServerExit; readonly output: string }>,
): Promise<void> {
  const settled = new AbortController();
  const ended = ending.then(({ exit, output }) => {
    if (settled.signal.aborted) return;
    const words = lastWords(output.split('\ngoroutine ')[0] ?? '');
    const how = exit.code === null ? `by ${exit.signal}` : `exit code ${exit.code}`;
    const why = words === '' ? ` and said nothing. Set TEMPORAL_CLI to another binary than ${binary}.` : `: ${words}`;
    throw new DevServerFailed(`The Temporal dev server ended before it was ready (${how})${why}`, {
      portTaken: PORT_TAKEN.test(output),
    });
  });
  try {
    await Promise.race([untilServing(address, namespace, settled.signal), ended]);
  } finally {
    settled.abort();
  }
}

interface ServerLog {
  readonly file: string;
  /** What was written since it was opened: one that is kept begins with what earlier servers said. */
  written(): Promise<string>;
  discard(): Promise<void>;
}

/** The file for the server's output; one that nobody asked for goes when the server does. */
async function openLog(asked: string | undefined): Promise<ServerLog> {
  if (asked !== undefined) {
    await makeFolder(dirname(asked));
    await appendFile(asked, '', { mode: 0o600 });
    const { size } = await stat(asked);
    return {
      file: asked,
      written: () => text(createReadStream(asked, { start: size })),
      discard: async () => undefined,
    };
  }
  const folder = await mkdtemp(join(tmpdir(), 'mdti-sync-temporal-'));
  const file = join(folder, 'temporal.log');
  return {
    file,
    written: () => readFile(file, 'utf8'),
    discard: () => rm(folder, { recursive: true, force: true }),
  };
}
