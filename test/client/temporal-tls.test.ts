import { beforeAll, describe, expect, it } from 'vitest';
import { TemporalMisconfigured } from '../../client/temporal-errors.ts';
import { temporalSettings } from '../../client/temporal-settings.ts';
import { type Certificate, makeCertificate } from '../config/rsa-certificate.ts';

let good: Certificate;
let other: Certificate;
const PFX = Buffer.from([0x30, 0x82, 9, 0xff, 2, 1, 3]).toString('utf8');

beforeAll(async () => {
  const end = new Date('2100-01-01T00:00:00Z');
  [good, other] = await Promise.all([makeCertificate(end), makeCertificate(end)]);
});

const settings = (tls: Readonly<Record<string, string>>) => () =>
  temporalSettings({
    // Not the file of whoever runs the tests.
    TEMPORAL_CONFIG_FILE: '/nowhere/temporal.toml',
    TEMPORAL_ADDRESS: 'temporal:7233',
    TEMPORAL_TLS: 'true',
    ...Object.fromEntries(Object.entries(tls).map(([name, text]) => [`TEMPORAL_TLS_${name}_DATA`, text])),
  });

describe('the certificates for Temporal', () => {
  it('are right as PEM, the key with its certificate', () => {
    const tls = { SERVER_CA_CERT: other.certificate, CLIENT_CERT: good.certificate, CLIENT_KEY: good.key };
    expect(settings(tls)).not.toThrow();
  });

  it.each<[string, () => Readonly<Record<string, string>>, RegExp]>([
    ['a PFX', () => ({ CLIENT_CERT: PFX, CLIENT_KEY: good.key }), /_CERT_PATH .*no certificate.*openssl pkcs12/],
    ['a lone key', () => ({ CLIENT_CERT: good.key, CLIENT_KEY: good.key }), /_CERT_PATH .*no certificate/],
    [
      'a lone certificate',
      () => ({ CLIENT_CERT: good.certificate, CLIENT_KEY: good.certificate }),
      /_KEY_PATH .*no private/,
    ],
    [
      "another one's key",
      () => ({ CLIENT_CERT: good.certificate, CLIENT_KEY: other.key }),
      /belongs to the certificate/,
    ],
    [
      'a key that is closed',
      () => ({ CLIENT_CERT: good.certificate, CLIENT_KEY: good.closed('x') }),
      /has no password/,
    ],
    ['authorities that are none', () => ({ SERVER_CA_CERT: good.key }), /SERVER_CA_CERT_PATH .*no certificate/],
    ['authorities as a PFX', () => ({ SERVER_CA_CERT: PFX }), /SERVER_CA_CERT_PATH .*no certificate/],
  ])('are named before anything is tried when they are %s', (_, tls, sentence) => {
    expect(settings(tls())).toThrow(TemporalMisconfigured);
    expect(settings(tls())).toThrow(sentence);
    expect(settings(tls())).not.toThrow(/PRIVATE KEY-----/);
  });
});
