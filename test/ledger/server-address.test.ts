import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { serverAddress } from '../../ledger/server-address.ts';
import { makeCertificate } from '../config/rsa-certificate.ts';
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

test('a certificate, its key and authorities are taken as what they are, and each needs its other', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mdti-sync-tls-'));
  const end = new Date('2100-01-01T00:00:00Z');
  const [ours, others] = await Promise.all([makeCertificate(end), makeCertificate(end)]);
  const files = { cert: ours.certificate, key: ours.key, other: others.key, closed: ours.closed('hunter3') };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const asked = (given: Readonly<Record<string, string>>) =>
    sslOf(
      Object.entries(given)
        .map(([name, file]) => `${name}=${encodeURIComponent(join(folder, file))}`)
        .join('&'),
    );
  const refused = async (given: Readonly<Record<string, string>>) => {
    const fault = await faultFrom(asked({ sslrootcert: 'cert', ...given }));
    expect(fault.kind).toBe('Refused');
    expect(fault.message).not.toMatch(/hunter|PRIVATE KEY-----/);
    return fault.message;
  };
  expect(await asked({ sslrootcert: 'cert', sslcert: 'cert', sslkey: 'key' })).toEqual({
    ca: ours.certificate,
    cert: ours.certificate,
    key: ours.key,
  });
  expect(await refused({ sslrootcert: 'key' })).toMatch(/key, .* is no PEM file with certificates/);
  expect(await refused({ sslcert: 'key', sslkey: 'key' })).toMatch(/key, .* is no PEM file with a certificate/);
  expect(await refused({ sslcert: 'cert', sslkey: 'cert' })).toMatch(/cert, .* is no PEM file with a private key/);
  expect(await refused({ sslcert: 'cert' })).toMatch(/has sslcert and no sslkey/);
  expect(await refused({ sslkey: 'key' })).toMatch(/has sslkey and no sslcert/);
  expect(await refused({ sslcert: 'cert', sslkey: 'other' })).toMatch(
    /cannot be used \(ERR_OSSL_X509_KEY_VALUES_MISMATCH\)/,
  );
  expect(await refused({ sslcert: 'cert', sslkey: 'closed' })).toMatch(/the key has no password/);
});

test('ssl=false asks for no TLS', async () => {
  expect(await sslOf('ssl=false')).toBe(false);
  expect(await sslOf('ssl=0')).toBe(false);
  expect(await sslOf('ssl=true')).toEqual({});
});

test('a client certificate asks for TLS', async () => {
  // Read, so that TLS is meant: without it, the address would be taken as it is.
  expect(await faultFrom(sslOf('sslcert=/nowhere/app.pem&sslkey=/nowhere/app.key'))).toMatchObject({
    kind: 'Refused',
    message: expect.stringMatching(/^\/nowhere\/app\.(pem|key), which the ledger's TLS needs, cannot be read/),
  });
  expect(await sslOf('sslmode=disable&sslcert=/nowhere/app.pem')).toBe(false);
});
