import { createPrivateKey, webcrypto } from 'node:crypto';
import { provideReflectMetadata } from '../../sandbox/https/reflect-metadata.ts';

const RSA = {
  name: 'RSASSA-PKCS1-v1_5',
  modulusLength: 2_048,
  publicExponent: new Uint8Array([1, 0, 1]),
  hash: 'SHA-256',
};
const EC = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

export interface Certificate {
  readonly certificate: string;
  readonly key: string;
  /** Its key, closed with this password. */
  readonly closed: (password: string) => string;
}

/** A certificate as an application shows it to Entra ID, good until `end`. */
export async function makeCertificate(end: Date, kind: 'rsa' | 'ec' = 'rsa'): Promise<Certificate> {
  provideReflectMetadata();
  const x509 = await import('@peculiar/x509');
  const algorithm = kind === 'rsa' ? RSA : EC;
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  if (!('privateKey' in keys)) throw new Error('No pair of keys came.');
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=an application',
    notBefore: new Date(end.getTime() - 365 * 86_400_000),
    notAfter: end,
    keys,
    signingAlgorithm: algorithm,
  });
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  return {
    certificate: made.toString('pem'),
    key: String(key.export({ format: 'pem', type: 'pkcs8' })),
    closed: (passphrase) => String(key.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase })),
  };
}
