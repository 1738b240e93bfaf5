import { PGlite } from '@electric-sql/pglite';
import { PrivateFolder } from './private-files.ts';

/** A database that has one connection, and runs one statement after the other. */
export interface EmbeddedDatabase {
  query(sql: string, parameters: readonly unknown[]): Promise<EmbeddedResult>;
  close(): Promise<void>;
}

export interface EmbeddedResult {
  /** Of whatever shape the statement gives them: who asks knows. */
  readonly rows: never[];
  readonly affectedRows: number;
}

export interface EmbeddedSettings {
  readonly path: string;
  /** The files of a database to begin with, packed; null for one that is there already, or is to be made. */
  readonly prepared: Uint8Array<ArrayBuffer> | null;
}

/** Told once, with the reason, when a database that was open has ended without being closed: it answers nothing more. */
export type OnDeath = (why: string) => void;

/** What one connection that writes by the thousand has use for. With PostgreSQL's 128 MB, memory grows with the tables until then. */
const startParams = [...PGlite.defaultStartParams, '-c', 'shared_buffers=32MB'];

/** PGlite on a folder, in this thread: a statement keeps the thread until it is done. */
export async function openDatabase(
  { path, prepared }: EmbeddedSettings,
  onDeath: OnDeath = () => undefined,
): Promise<EmbeddedDatabase> {
  const log = endsSaid();
  const pglite = await create(path, prepared, log);
  let dead: string | null = null;
  return {
    async query(sql, parameters) {
      // PGlite would be at it for ever.
      if (dead !== null) throw new Error(dead);
      try {
        const { rows, affectedRows } = await pglite.query<never>(sql, [...parameters]);
        return { rows, affectedRows: affectedRows ?? 0 };
      } catch (error) {
        if (isDeadly(error) || log.last() !== null) {
          dead = log.last() ?? messageOf(error);
          onDeath(dead);
        }
        throw error;
      }
    },
    async close() {
      if (dead === null) await pglite.close();
    },
  };
}

async function create(path: string, prepared: EmbeddedSettings['prepared'], log: EndsSaid): Promise<PGlite> {
  const loaded = prepared === null ? {} : { loadDataDir: new Blob([prepared]) };
  try {
    return await PGlite.create({ fs: new PrivateFolder(path), ...loaded, startParams, onStderr: log.hear });
  } catch (error) {
    // PGlite itself says no more than that it failed.
    throw new Error(log.last() ?? messageOf(error), { cause: error });
  }
}

interface EndsSaid {
  /** Whether it is to be kept from the terminal. */
  readonly hear: (line: string) => boolean;
  /** What PostgreSQL said when it ended; null while it has not. */
  readonly last: () => string | null;
}

/** PostgreSQL's log, of which only what it says when it ends is wanted: such a line names files and pages, no values. */
function endsSaid(): EndsSaid {
  let last: string | null = null;
  return {
    hear(line) {
      const [, said] = /\b(?:FATAL|PANIC):\s+(.*)/.exec(line) ?? [];
      last = said ?? last;
      return true;
    },
    last: () => last,
  };
}

/** After these there is no PostgreSQL any more: it has ended itself, or its program has broken off. */
function isDeadly(error: unknown): boolean {
  const { severity, name } = Object(error);
  return severity === 'FATAL' || severity === 'PANIC' || name === 'ExitStatus' || name === 'RuntimeError';
}

/** Emscripten's file system throws what is no Error, with a number of WASI's. (Source: the `errno` of wasi_snapshot_preview1.) */
const ENOSPC = 51;

function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  const { errno } = Object(error);
  return errno === ENOSPC ? 'No space left on device' : `its files cannot be written or read (errno ${errno})`;
}
