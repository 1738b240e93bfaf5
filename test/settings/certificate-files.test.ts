import { beforeAll, describe, expect, it } from 'vitest';
import { authoritiesProblem, clientCertificateProblem } from '../../settings/certificate-files.ts';
import { type Certificate, makeCertificate } from '../config/rsa-certificate.ts';

const NOW = new Date('2026-11-29T12:00:00Z');
let good: Certificate;
let other: Certificate;
let past: Certificate;
let elliptic: Certificate;

beforeAll(async () => {
  const [nextYear, yesterday] = [new Date('2027-11-29T00:00:00Z'), new Date('2026-11-28T00:00:00Z')];
  [good, other, past, elliptic] = await Promise.all([
    makeCertificate(nextYear),
    makeCertificate(nextYear),
    makeCertificate(yesterday),
    makeCertificate(nextYear, 'ec'),
  ]);
});

const problem = (pem: string, password?: string) => clientCertificateProblem(pem, password, NOW);

describe('the certificate of the application', () => {
  it('is right with its key, in any order, with what stands around them, and closed by the password', () => {
    expect(problem(`${good.certificate}\n${good.key}`)).toBeNull();
    expect(problem(`Bag Attributes\r\n${good.key}\nsubject=CN\n${good.certificate}\n${other.certificate}`)).toBeNull();
    expect(problem(`${good.certificate}\n${good.closed('open')}`, 'open')).toBeNull();
  });

  it.each<[string, () => string, string | undefined, RegExp]>([
    [
      'a PFX',
      () => Buffer.from([0x30, 0x82, 9, 0xff, 2, 1, 3]).toString('utf8'),
      undefined,
      /^is no PEM\..*"openssl pkcs12/,
    ],
    ['an empty file', () => '', undefined, /^is no PEM/],
    ['a lone key', () => good.key, undefined, /^holds a private key and no certificate\./],
    ['a lone certificate', () => good.certificate, undefined, /^holds a certificate and no private key\./],
    ["another one's key", () => good.certificate + other.key, undefined, /not that of its first certificate/],
    ['a key that is closed', () => good.certificate + good.closed('open'), undefined, /set azure\.certificatePassword/],
    ['another password', () => good.certificate + good.closed('open'), 'shut', /certificatePassword does not open/],
    ['a key of another kind', () => elliptic.certificate + elliptic.key, undefined, /RSA keys alone/],
    ['one that has ended', () => past.certificate + past.key, undefined, /ended on Nov 28 .*2026/],
    ['a certificate cut short', () => good.certificate.slice(0, 200) + good.key, undefined, /^holds a /],
    ['a key cut short', () => good.certificate + good.key.slice(0, 200), undefined, /private key that cannot be read/],
  ])('is not %s', (_, pem, password, sentence) => {
    expect(problem(pem(), password)).toMatch(sentence);
  });
});

describe('a file of authorities', () => {
  it('holds a certificate that can be read', () => {
    expect(authoritiesProblem(`# ours\n${good.certificate}`)).toBeNull();
    expect(authoritiesProblem(good.key)).toMatch(/^holds no certificate/);
    expect(authoritiesProblem(good.certificate.slice(0, 300))).toMatch(/cannot be read/);
  });
});
