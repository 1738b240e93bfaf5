import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from 'node:tls';
import { Fault } from '../indicators/fault.ts';
import type { LedgerName } from './database-fault.ts';

export interface ServerAddress {
  readonly name: LedgerName;
  /** Without what it says of TLS. */
  readonly connectionString: string;
  readonly ssl: ConnectionOptions | false;
}

/**
 * Takes a PostgreSQL address apart. What it says of TLS is read here, not by the driver: `verify-full` is meant by everything that
 * asks for TLS, and nothing falls back to plain text. With `caFile`, TLS is asked for unless the address says otherwise. Throws
 * `Refused` for an address that is none; the sentence does not repeat it.
 */
export async function serverAddress(text: string, caFile: string | undefined): Promise<ServerAddress> {
  if (!URL.canParse(text) || !/^postgres(ql)?:/.test(text) || !isDecodable(text)) {
    throw new Fault(
      'Refused',
      'The address of the ledger is none. Expected postgres://USER:PASSWORD@HOST:5432/DATABASE?sslmode=verify-full, with special characters of the password percent-encoded.',
    );
  }
  const url = new URL(text);
  const take = (parameter: string): string | undefined => {
    const value = url.searchParams.get(parameter);
    url.searchParams.delete(parameter);
    return value ?? undefined;
  };
  const ssl = await tlsOf(take('sslmode') ?? (take('ssl') === undefined ? undefined : 'verify-full'), {
    ca: take('sslrootcert') ?? caFile,
    cert: take('sslcert'),
    key: take('sslkey'),
  });
  const host = decodeURIComponent(url.searchParams.get('host') ?? url.hostname);
  const database = decodeURIComponent(url.pathname.slice(1));
  const ledger = `The ledger at ${host === '' ? 'localhost' : host}:${url.port === '' ? '5432' : url.port}/${database}`;
  const name = { ledger, user: decodeURIComponent(url.username) };
  return { name, connectionString: url.href, ssl };
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

async function tlsOf(
  mode: string | undefined,
  files: { readonly ca: string | undefined; readonly cert: string | undefined; readonly key: string | undefined },
): Promise<ConnectionOptions | false> {
  switch (mode ?? (files.ca === undefined ? 'disable' : 'verify-full')) {
    case 'disable':
      return false;
    case 'no-verify':
      return { ...(await contents(files)), rejectUnauthorized: false };
    case 'require':
    case 'verify-ca':
    case 'verify-full':
      return contents(files);
    default:
      throw new Fault(
        'Refused',
        'The address of the ledger has an sslmode that is not known here. Expected verify-full, or disable for a server without TLS.',
      );
  }
}

async function contents(files: Readonly<Record<string, string | undefined>>): Promise<ConnectionOptions> {
  const read = Object.entries(files).map(async ([name, path]) =>
    path === undefined ? [] : [[name, await contentOf(path)] as const],
  );
  return Object.fromEntries((await Promise.all(read)).flat());
}

async function contentOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    throw new Fault('Refused', `${path}, which the ledger's TLS needs, cannot be read (${why}).`);
  }
}
