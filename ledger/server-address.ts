import { readFile } from 'node:fs/promises';
import { type ConnectionOptions, createSecureContext } from 'node:tls';
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
 * asks for TLS, and nothing falls back to plain text. With `caFile`, or any other file of TLS, it is asked for unless the address says
 * otherwise. Throws `Refused` for an address that is none; the sentence does not repeat it.
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
  const ssl = await tlsOf(take('sslmode') ?? modeOf(take('ssl')), {
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

/** `ssl` in the place of `sslmode`, as the driver has it. (Source: `pg-connection-string` 2.) */
function modeOf(ssl: string | undefined): string | undefined {
  if (ssl === undefined) return undefined;
  return ssl === 'false' || ssl === '0' ? 'disable' : 'verify-full';
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

interface TlsFiles {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

/** In the place of a file: the authorities that Node.js knows. (Source: PostgreSQL 16, "SSL Client Certificates"; libpq has it so too.) */
const SYSTEM = 'system';

async function tlsOf(mode: string | undefined, files: TlsFiles): Promise<ConnectionOptions | false> {
  const verified = mode === undefined || mode === 'verify-full';
  if (files.ca === SYSTEM && !verified) {
    throw new Fault(
      'Refused',
      'The address of the ledger has sslrootcert=system and a weaker sslmode. Expected sslmode=verify-full with it, as libpq has it.',
    );
  }
  // Whoever names a file of TLS means TLS.
  const asks = Object.values(files).some((file) => file !== undefined);
  switch (mode ?? (asks ? 'verify-full' : 'disable')) {
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

async function contents(files: TlsFiles): Promise<ConnectionOptions> {
  const read = Object.entries(files).map(async ([name, path]) =>
    path === undefined || (name === 'ca' && path === SYSTEM) ? [] : [[name, await contentOf(name, path)] as const],
  );
  const { ca, cert, key }: Record<string, string | undefined> = Object.fromEntries((await Promise.all(read)).flat());
  if (cert !== undefined || key !== undefined) checkPair(cert, key);
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

/** What is wrong with them shows at the first connection, else, as a ledger that cannot be reached. */
function checkPair(cert: string | undefined, key: string | undefined): void {
  if (cert === undefined || key === undefined) {
    const [there, missing] = cert === undefined ? ['sslkey', 'sslcert'] : ['sslcert', 'sslkey'];
    throw new Fault('Refused', `The address of the ledger has ${there} and no ${missing}. Give both, or neither.`);
  }
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    throw new Fault(
      'Refused',
      `The files of sslcert and sslkey, which the address of the ledger names, cannot be used (${why}). See that the key has no password and belongs to the certificate, and that both are whole.`,
    );
  }
}

async function contentOf(name: string, path: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    throw new Fault('Refused', `${path}, which the ledger's TLS needs, cannot be read (${why}).`);
  }
  // Node.js takes whatever is there, and trusts nobody then.
  const wanted = name === 'key' ? 'PRIVATE KEY-----' : 'CERTIFICATE-----';
  if (text.includes(wanted)) return text;
  const what = { ca: 'certificates', cert: 'a certificate', key: 'a private key' }[name] ?? name;
  throw new Fault('Refused', `${path}, which the ledger's TLS needs, is no PEM file with ${what}.`);
}
