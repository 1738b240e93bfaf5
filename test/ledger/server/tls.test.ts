import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { openLedger } from '../../../ledger/open-ledger.ts';
import { createAuthority, createServerIdentity } from '../../../sandbox/https/certificates.ts';
import { type Postgres, startPostgres } from '../../postgresql/start-postgres.ts';

let server: Postgres;
let folder: string;
let caFile: string;
let otherFile: string;

beforeAll(async () => {
  const authority = await createAuthority();
  const { certificate, privateKey } = await createServerIdentity(authority);
  server = await startPostgres({
    bin: inject('postgres').bin,
    settings: { ssl: 'on', ssl_cert_file: 'server.pem', ssl_key_file: 'server.key' },
    files: { 'server.pem': certificate, 'server.key': privateKey },
  });
  folder = await mkdtemp(join(tmpdir(), 'mdti-sync-tls-'));
  caFile = join(folder, 'ca.pem');
  await writeFile(caFile, authority.certificate);
  otherFile = join(folder, 'other.pem');
  await writeFile(otherFile, (await createAuthority()).certificate);
});
afterAll(async () => {
  await server.remove();
  await rm(folder, { recursive: true, force: true });
});

function address(host: string, parameters: Readonly<Record<string, string>>): string {
  const url = new URL(server.url);
  url.hostname = host;
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

/** Whether the connection is encrypted. */
async function encrypted(url: string, ca?: string): Promise<unknown> {
  const ledger = await openLedger({ url, ...(ca === undefined ? {} : { caFile: ca }) });
  try {
    const { rows } = await sql`select ssl from pg_stat_ssl where pid = pg_backend_pid()`.execute(ledger);
    return rows;
  } finally {
    await ledger.destroy();
  }
}

test.each(['localhost', '127.0.0.1'])('checks the certificate of %s', async (host) => {
  const rows = [{ ssl: true }];
  expect(await encrypted(address(host, { sslmode: 'verify-full' }), caFile)).toEqual(rows);
  expect(await encrypted(address(host, {}), caFile)).toEqual(rows);
  expect(await encrypted(address(host, { sslmode: 'require', sslrootcert: caFile }))).toEqual(rows);
});

test.each(['require', 'verify-ca', 'verify-full'])(
  'sslmode=%s does not trust an unknown authority',
  async (sslmode) => {
    for (const ca of [undefined, otherFile]) {
      await expect(encrypted(address('localhost', { sslmode }), ca)).rejects.toMatchObject({
        kind: 'Refused',
        message: expect.stringMatching(/has a certificate that is not trusted \(\w+\)\. Set ledger\.caFile/),
      });
    }
  },
);

test('a certificate for another host is not enough', async () => {
  // Another way to write this machine, which the certificate does not have.
  await expect(
    encrypted(address('', { sslmode: 'verify-full', host: '::ffff:127.0.0.1' }), caFile),
  ).rejects.toMatchObject({
    kind: 'Refused',
    message: expect.stringContaining('has a certificate that is for another host'),
  });
});

test('what is said of TLS is done', async () => {
  expect(await encrypted(address('localhost', { sslmode: 'disable' }))).toEqual([{ ssl: false }]);
  expect(await encrypted(address('localhost', { sslmode: 'no-verify' }))).toEqual([{ ssl: true }]);
});

test('a file of certificates that is not there is a sentence', async () => {
  await expect(encrypted(server.url, join(folder, 'nothing.pem'))).rejects.toMatchObject({
    kind: 'Refused',
    message: expect.stringMatching(/nothing\.pem, which the ledger's TLS needs, cannot be read \(ENOENT\)/),
  });
});
