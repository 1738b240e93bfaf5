import { createSecureContext } from 'node:tls';
import type { ClientConnectConfig } from '@temporalio/envconfig';
import { authoritiesProblem } from '../settings/certificate-files.ts';

const CERTIFICATE = 'TEMPORAL_TLS_CLIENT_CERT_PATH (or _DATA, or client_cert_path in temporal.toml)';
const KEY = 'TEMPORAL_TLS_CLIENT_KEY_PATH (or _DATA, or client_key_path in temporal.toml)';
const AUTHORITIES = 'TEMPORAL_TLS_SERVER_CA_CERT_PATH (or _DATA, or server_ca_cert_path in temporal.toml)';
const FROM_PFX = 'a PFX is taken apart by "openssl pkcs12 -in FILE.pfx -out FILE.pem -noenc"';

/**
 * Why no connection can be made with these certificates, as a sentence with what to do; null when one can. What is no PEM, Node.js takes
 * in silence, and trusts nobody then.
 */
export function temporalTlsProblem(tls: ClientConnectConfig['connectionOptions']['tls']): string | null {
  if (typeof tls !== 'object' || tls === null) return null;
  const { serverRootCACertificate: ca, clientCertPair: pair } = tls;
  const authorities = ca === undefined ? null : authoritiesProblem(Buffer.from(ca).toString('utf8'));
  if (authorities !== null) return `What ${AUTHORITIES} gives ${authorities}`;
  if (pair === undefined) return null;
  const [cert, key] = [Buffer.from(pair.crt).toString('utf8'), Buffer.from(pair.key).toString('utf8')];
  if (!cert.includes('CERTIFICATE-----'))
    return `What ${CERTIFICATE} gives holds no certificate: expected PEM; ${FROM_PFX}.`;
  if (!key.includes('PRIVATE KEY-----')) return `What ${KEY} gives holds no private key: expected PEM; ${FROM_PFX}.`;
  try {
    createSecureContext({ cert, key });
    return null;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    return `The client certificate for Temporal cannot be used (${code}): see that the key of ${KEY} has no password and belongs to the certificate of ${CERTIFICATE}, and that both are whole.`;
  }
}
