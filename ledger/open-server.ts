import { type Dialect, PostgresDialect } from 'kysely';
import { Pool, types as pgTypes, TypeOverrides } from 'pg';
import { databaseFault } from './database-fault.ts';
import { faultingDialect } from './faulting-dialect.ts';
import { serverAddress } from './server-address.ts';

export interface ServerSettings {
  /** `postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=verify-full` */
  readonly url: string;
  /** Connections of this process at most. Default: 10 */
  readonly connections?: number;
  /** A statement that takes longer is broken off; 0 for no limit. Default: a minute */
  readonly statementTimeoutMs?: number;
  /** Path of PEM certificates: who may have signed the server's. Default: those that Node.js knows. */
  readonly caFile?: string;
}

const CONNECTIONS = 10;
const STATEMENT_MS = 60_000;
/** For a new connection, or for one of the pool to become free. */
const CONNECT_MS = 30_000;
/** A worker that hangs in a transaction keeps its locks no longer than this. */
const IDLE_IN_TRANSACTION_MS = 60_000;
/** A server that is cut off does not answer: the statement's own limit, and some time for the way. */
const ANSWER_MS = 15_000;

/** Connections to a PostgreSQL, made as they are needed. */
export async function serverDialect(settings: ServerSettings): Promise<Dialect> {
  const { name, connectionString, ssl } = await serverAddress(settings.url, settings.caFile);
  const statementMs = settings.statementTimeoutMs ?? STATEMENT_MS;
  const pool = new Pool({
    connectionString,
    ssl,
    types: ourTypes(),
    max: settings.connections ?? CONNECTIONS,
    application_name: 'mdti-sync',
    connectionTimeoutMillis: CONNECT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    ...(statementMs === 0 ? {} : { statement_timeout: statementMs, query_timeout: statementMs + ANSWER_MS }),
    keepAlive: true,
  });
  // A connection that the server closes is replaced when one is needed again; without listeners it would end the process. The pool
  // listens to those that are idle only.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return faultingDialect(new PostgresDialect({ pool }), (error) => databaseFault(error, name));
}

/** Ids and counts stay far below 2^53. */
function ourTypes(): TypeOverrides {
  const types = new TypeOverrides();
  types.setTypeParser(pgTypes.builtins.INT8, Number);
  return types;
}
