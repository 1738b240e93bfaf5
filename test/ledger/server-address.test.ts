import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { serverAddress } from '../../ledger/server-address.ts';
import { faultFrom } from '../http/fault-from.ts';

const ADDRESS = 'postgres://us:hunter2@db.example.com/ledger';
const sslOf = async (query: string, caFile?: string) => (await serverAddress(`${ADDRESS}?${query}`, caFile)).ssl;

test('sslrootcert=system means the authorities that Node.js knows, and a certificate that is checked', async () => {
  expect(await sslOf('sslrootcert=system')).toEqual({});
  expect(await sslOf('sslmode=verify-full&sslrootcert=system')).toEqual({});
  for (const mode of ['require', 'verify-ca', 'disable', 'no-verify']) {
    const fault = await faultFrom(sslOf(`sslmode=${mode}&sslrootcert=system`));
    expect(fault).toMatchObject({ kind: 'Refused', message: expect.stringContaining('sslmode=verify-full') });
  }
});

test.each(['ca', 'cert', 'key'])('a file of TLS that is no PEM is named (%s)', async (what) => {
  const file = join(await mkdtemp(join(tmpdir(), 'mdti-sync-tls-')), 'file.der');
  await writeFile(file, Buffer.from([0x30, 0x82, 0x09, 0xff]));
  const parameter = { ca: 'sslrootcert', cert: 'sslcert', key: 'sslkey' }[what] ?? '';
  const fault = await faultFrom(sslOf(`sslmode=verify-full&${parameter}=${encodeURIComponent(file)}`));
  expect(fault).toMatchObject({ kind: 'Refused', message: expect.stringMatching(/file\.der, .* is no PEM file with/) });
  expect(fault.message).not.toContain('hunter2');
});
