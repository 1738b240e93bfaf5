import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';

const HOLDS_BOTH = 'Expected a PEM file with the certificate and its private key';

/**
 * Why an application cannot show to Entra ID by this PEM file who it is, as the end of a sentence with what to do; null when it can. Entra ID
 * knows the first certificate of it, and takes RSA keys alone. (Source: learn.microsoft.com, "Microsoft identity platform application
 * authentication certificate credentials"; which certificate is shown: `@azure/identity` 4.13.)
 */
export function clientCertificateProblem(
  pem: string,
  password: string | undefined,
  now: Date,
  passwordAt = 'azure.certificatePassword',
): string | null {
  return certificateProblem(pem, password, now, { passwordAt, isForEntra: true });
}

/** The same for a server that asks for a client's certificate (TLS): its key may be of any kind. */
export function certificateProblem(
  pem: string,
  password: string | undefined,
  now: Date,
  { passwordAt, isForEntra = false }: { readonly passwordAt: string; readonly isForEntra?: boolean },
): string | null {
  const certificate = blockOf(pem, /-----BEGIN CERTIFICATE-----/);
  const key = blockOf(pem, /-----BEGIN (?:(?:RSA|EC|ENCRYPTED) )?PRIVATE KEY-----/);
  if (certificate === null && key === null) {
    return `is no PEM. ${HOLDS_BOTH}; a PFX becomes one by "openssl pkcs12 -in FILE.pfx -out FILE.pem -noenc".`;
  }
  if (certificate === null) return `holds a private key and no certificate. ${HOLDS_BOTH}: put both into it.`;
  if (key === null) return `holds a certificate and no private key. ${HOLDS_BOTH}: put both into it.`;
  const shown = parsedCertificate(certificate);
  if (shown === null) return `holds a certificate that cannot be read. ${HOLDS_BOTH}: get it anew.`;
  const opened = openedKey(key, password);
  if (opened === null) {
    if (!isEncrypted(key)) return `holds a private key that cannot be read. ${HOLDS_BOTH}: get it anew.`;
    return password === undefined
      ? `holds a private key that has a password: set ${passwordAt}.`
      : `holds a private key that the password of ${passwordAt} does not open.`;
  }
  if (!shown.checkPrivateKey(opened)) {
    return 'holds a private key that is not that of its first certificate: put the certificate of that key first.';
  }
  if (isForEntra && opened.asymmetricKeyType !== 'rsa') {
    return `holds a key of another kind (${opened.asymmetricKeyType ?? 'unknown'}): Entra ID takes RSA keys alone.`;
  }
  return new Date(shown.validTo) < now
    ? `holds a certificate that ended on ${shown.validTo}: put a new one in its place, and make it known to who asks for it.`
    : null;
}

/** Why nobody can be trusted by this file of authorities, as the end of a sentence; null when somebody can. */
export function authoritiesProblem(pem: string): string | null {
  const certificate = blockOf(pem, /-----BEGIN (?:TRUSTED )?CERTIFICATE-----/);
  if (certificate === null) return 'holds no certificate: expected PEM, with a line -----BEGIN CERTIFICATE-----.';
  return parsedCertificate(certificate) === null ? 'holds a certificate that cannot be read: get it anew.' : null;
}

function blockOf(pem: string, beginning: RegExp): string | null {
  const begin = beginning.exec(pem);
  if (begin === null) return null;
  const end = pem.indexOf('-----END', begin.index + begin[0].length);
  const close = end === -1 ? -1 : pem.indexOf('-----', end + 5);
  return pem.slice(begin.index, close === -1 ? undefined : close + 5);
}

function parsedCertificate(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem);
  } catch {
    return null;
  }
}

function openedKey(pem: string, passphrase: string | undefined): KeyObject | null {
  try {
    return createPrivateKey({ key: pem, ...(passphrase === undefined ? {} : { passphrase }) });
  } catch {
    return null;
  }
}

function isEncrypted(pem: string): boolean {
  return pem.includes('BEGIN ENCRYPTED') || pem.includes('Proc-Type: 4,ENCRYPTED');
}
