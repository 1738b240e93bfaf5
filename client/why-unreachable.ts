import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { TemporalSettings } from './temporal-settings.ts';

type Tls = TemporalSettings['connection']['tls'];

const PATIENCE_MS = 3_000;

/**
 * Why a connection to Temporal does not come about, as a sentence with what to do. The gRPC client only says that its time was up,
 * so this tries the way itself: name, port, TLS, certificates.
 */
export async function whyUnreachable({ address, connection }: TemporalSettings): Promise<string> {
  const { host, port } = split(address);
  const tls = connection.tls ?? false;
  if (tls === false) {
    const failure = await tryPlain(host, port);
    if (failure !== null) return notThere(address, failure);
    const refusal = await tryTls(host, port, { rejectUnauthorized: false }, 'secureConnect');
    return refusal === null || refusal.includes('ALERT')
      ? `Temporal at ${address} asks for TLS: set TEMPORAL_TLS=true (in temporal.toml, a tls table), and TEMPORAL_TLS_SERVER_CA_CERT_PATH if its CA is your own.`
      : notThere(address, 'it does not answer as Temporal does');
  }
  const failure = await tryTls(host, port, tlsOptions(host, tls));
  return failure === null
    ? notThere(address, 'it does not answer as Temporal does')
    : tlsFailure(address, failure, tls);
}

function notThere(address: string, why: string): string {
  return `Temporal at ${address} could not be reached (${why}). Start it there, or say where it is with TEMPORAL_ADDRESS (or a profile in temporal.toml).`;
}

/** `code` is Node's or OpenSSL's. */
function tlsFailure(address: string, code: string, tls: Tls): string {
  const at = `Temporal at ${address}`;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return `The certificate of ${at} is for another name: use an address with its name, or set TEMPORAL_TLS_SERVER_NAME (server_name in temporal.toml).`;
  }
  if (code === 'CERT_HAS_EXPIRED') return `The certificate of ${at} has expired: have it renewed.`;
  if (/CERT_|ISSUER|LEAF_SIGNATURE|SELF_SIGNED/.test(code)) {
    return `The certificate of ${at} is not trusted (${code}): set TEMPORAL_TLS_SERVER_CA_CERT_PATH (server_ca_cert_path in temporal.toml) to the PEM file of the CA that signed it.`;
  }
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH|EPROTO/.test(code)) {
    return `${at} does not speak TLS, but the settings ask for it: leave out TEMPORAL_TLS_* and TEMPORAL_API_KEY, or set TEMPORAL_TLS=false.`;
  }
  const shown = typeof tls === 'object' && tls !== null && tls.clientCertPair !== undefined;
  if (/ALERT|HANDSHAKE_FAILURE|ECONNRESET|EPIPE/.test(code)) {
    return shown
      ? `${at} refused the client certificate (${code}): check that it is current, and that its CA is one that Temporal takes.`
      : `${at} asks for a client certificate (${code}): set TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH (client_cert_path and client_key_path in temporal.toml).`;
  }
  if (/PEM|ASN1|X509|KEY/.test(code)) {
    return `The certificates in the settings of Temporal cannot be used (${code}): check that they are PEM, and that the key belongs to the certificate.`;
  }
  return notThere(address, code);
}

function tlsOptions(host: string, tls: Exclude<Tls, undefined | null | false>) {
  if (tls === true) return { servername: nameOf(host) };
  const { serverNameOverride, serverRootCACertificate, clientCertPair } = tls;
  const name = serverNameOverride ?? nameOf(host);
  return {
    servername: name,
    ...(serverRootCACertificate === undefined ? {} : { ca: Buffer.from(serverRootCACertificate) }),
    ...(clientCertPair === undefined
      ? {}
      : { cert: Buffer.from(clientCertPair.crt), key: Buffer.from(clientCertPair.key) }),
  };
}

/** An address is no server name. */
function nameOf(host: string): string {
  return /^[\d.]+$|:/.test(host) ? '' : host;
}

function tryPlain(host: string, port: number): Promise<string | null> {
  return outcome(() => connectPlain({ host, port }), 'connect');
}

/** By the server's first words, it has taken the client's certificate too. */
function tryTls(
  host: string,
  port: number,
  options: Readonly<Record<string, unknown>>,
  until: 'secureConnect' | 'data' = 'data',
): Promise<string | null> {
  return outcome(() => connectTls({ host, port, ALPNProtocols: ['h2'], ...options }), until);
}

/** Null when `event` comes, else what went wrong. */
async function outcome(open: () => Socket, event: 'connect' | 'secureConnect' | 'data'): Promise<string | null> {
  let socket: Socket | undefined;
  try {
    return await new Promise<string | null>((resolve, reject) => {
      socket = open();
      socket.setTimeout(PATIENCE_MS, () => resolve('no answer in time'));
      socket.once(event, () => resolve(null));
      socket.once('close', () => resolve('ECONNRESET'));
      socket.once('error', reject);
    });
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  } finally {
    socket?.destroy();
  }
}

function split(address: string): { readonly host: string; readonly port: number } {
  const url = new URL(`temporal://${address}`);
  return { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port: url.port === '' ? 7233 : Number(url.port) };
}
