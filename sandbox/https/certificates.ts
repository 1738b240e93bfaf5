import { webcrypto } from 'node:crypto';
import type * as X509 from '@peculiar/x509';
import { z } from 'zod';
import { provideReflectMetadata } from './reflect-metadata.ts';

/** A certificate authority, written down: PEM text. */
export const authorityShape = z.object({ certificate: z.string(), privateKey: z.string() });
export type Authority = z.infer<typeof authorityShape>;

export interface Identity {
  readonly certificate: string;
  readonly privateKey: string;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY = 86_400_000;

/** Makes a certificate authority of its own, good for ten years. */
export async function createAuthority(): Promise<Authority> {
  const x509 = await loadX509();
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=mdti-sync sandbox authority',
    ...validity(3_650),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: certificate.toString('pem'), privateKey: await privateKeyPem(keys.privateKey) };
}

/** Makes a certificate for this machine's own names and `name`, signed by the authority and good for a year. */
export function createServerIdentity(authority: Authority, name = 'localhost'): Promise<Identity> {
  return createIdentity(authority, name, 'serverAuth');
}

/** Makes a certificate by which a client shows who it is, signed by the authority and good for a year. */
export function createClientIdentity(authority: Authority): Promise<Identity> {
  return createIdentity(authority, 'localhost', 'clientAuth');
}

async function createIdentity(
  authority: Authority,
  name: string,
  usage: 'serverAuth' | 'clientAuth',
): Promise<Identity> {
  const x509 = await loadX509();
  const issuer = new x509.X509Certificate(authority.certificate);
  const [signingKeyDer] = x509.PemConverter.decode(authority.privateKey);
  if (signingKeyDer === undefined)
    throw new Error("The private key of the sandbox's certificate authority is no PEM: delete the kept state.");
  const signingKey = await webcrypto.subtle.importKey('pkcs8', signingKeyDer, ALGORITHM, false, ['sign']);
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.create({
    subject: 'CN=localhost',
    issuer: issuer.subject,
    ...validity(365),
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage[usage]]),
      new x509.SubjectAlternativeNameExtension([
        ...[...new Set(['localhost', name])].map((value) => ({ type: 'dns' as const, value })),
        { type: 'ip', value: '127.0.0.1' },
      ]),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: certificate.toString('pem'), privateKey: await privateKeyPem(keys.privateKey) };
}

/** Not a static import: that would run before what the package needs is there. */
async function loadX509(): Promise<typeof X509> {
  provideReflectMetadata();
  return import('@peculiar/x509');
}

/** From a day ago, so that a clock that is a little behind does not matter. */
function validity(days: number): { readonly notBefore: Date; readonly notAfter: Date } {
  const now = Date.now();
  return { notBefore: new Date(now - DAY), notAfter: new Date(now + days * DAY) };
}

async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key)).toString('base64');
  return `-----BEGIN PRIVATE KEY-----\n${der.replaceAll(/.{64}/g, '$&\n').trimEnd()}\n-----END PRIVATE KEY-----\n`;
}
