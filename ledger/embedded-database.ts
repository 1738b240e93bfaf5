import { PGlite } from '@electric-sql/pglite';

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

/** What one connection that writes by the thousand has use for. With PostgreSQL's 128 MB, memory grows with the tables until then. */
const startParams = [...PGlite.defaultStartParams, '-c', 'shared_buffers=32MB'];

/** PGlite on a folder, in this thread: a statement keeps the thread until it is done. */
export async function openDatabase({ path, prepared }: EmbeddedSettings): Promise<EmbeddedDatabase> {
  const loaded = prepared === null ? {} : { loadDataDir: new Blob([prepared]) };
  const pglite = await PGlite.create({ dataDir: path, ...loaded, startParams });
  return {
    async query(sql, parameters) {
      const { rows, affectedRows } = await pglite.query<never>(sql, [...parameters]);
      return { rows, affectedRows: affectedRows ?? 0 };
    },
    close: () => pglite.close(),
  };
}
