import { createSecureContext, type SecureContext } from 'node:tls';
import { Agent, type Dispatcher, EnvHttpProxyAgent, request as send } from 'undici';
import { Fault } from '../indicators/fault.ts';
import { READ_AT_START } from './faults.ts';
import type {
  ClientCertificate,
  Exchange,
  HttpClient,
  HttpOptions,
  HttpReply,
  HttpRequest,
  ReplyBound,
} from './http-client.ts';
import type { Proxy } from './proxy.ts';
import { readBody, TooMuch } from './read-body.ts';
import { trustedRoots } from './trusted-roots.ts';

/** Idle connections are kept for this long, unless the server says less. */
const KEEP_ALIVE_MS = 30_000;
const CONNECT_MS = 10_000;
/** Where no setting says it. */
const LARGEST: Pick<ReplyBound, 'bytes'> = { bytes: 64 * 1_048_576 };

/** An HTTP client over undici. It follows no redirect and tries nothing twice: the caller's engine retries. */
export function createHttpClient(options: HttpOptions): HttpClient {
  const dispatcher = dispatcherOf(options);
  return {
    async send(request) {
      request.signal.throwIfAborted();
      const timeout = new AbortController();
      const timer = setTimeout(() => timeout.abort(), options.timeoutMs);
      const begun = performance.now();
      let outcome: Exchange['outcome'] = 'unreachable';
      try {
        const reply = await exchange(
          dispatcher,
          request,
          AbortSignal.any([request.signal, timeout.signal]),
          options.replies ?? LARGEST,
        );
        outcome = reply.status;
        return reply;
      } catch (error) {
        if (request.signal.aborted) outcome = 'aborted';
        request.signal.throwIfAborted();
        if (error instanceof Fault) throw error;
        throw transportFault(request.url, error, {
          proxy: options.proxy,
          timedOutAfterMs: timeout.signal.aborted ? options.timeoutMs : null,
        });
      } finally {
        clearTimeout(timer);
        options.observe?.({ outcome, seconds: (performance.now() - begun) / 1_000 });
      }
    },
    async close() {
      await dispatcher.destroy();
    },
  };
}

function dispatcherOf({ ca, certificate, proxy, timeoutMs, connections }: HttpOptions): Dispatcher {
  const roots = trustedRoots(ca);
  const trust = roots === undefined ? {} : { secureContext: trusting(roots) };
  const own = certificate === undefined ? trust : { secureContext: contextWith(certificate, roots) };
  const pool = {
    connections,
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  };
  if (proxy === undefined) return new Agent({ ...pool, connect: { timeout: CONNECT_MS, ...own } });
  return new EnvHttpProxyAgent({
    ...pool,
    // Nothing of it is to come from the environment unasked.
    httpProxy: '',
    httpsProxy: proxy.address,
    noProxy: proxy.except.join(','),
    ...(proxy.credentials === undefined ? {} : { token: basic(proxy.credentials) }),
    connect: { timeout: CONNECT_MS, ...own },
    requestTls: own,
    proxyTls: trust,
  });
}

/** Reading some 150 roots is slow: not for each connection, nor for each client. */
function trusting(roots: string[]): SecureContext {
  const key = roots.join('');
  if (latest?.key !== key) latest = { key, context: createSecureContext({ ca: roots }) };
  return latest.context;
}

let latest: { readonly key: string; readonly context: SecureContext } | null = null;

/** To the server we show a certificate. */
function contextWith({ pem, password }: ClientCertificate, roots: string[] | undefined): SecureContext {
  return createSecureContext({
    cert: pem,
    key: pem,
    ...(password === undefined ? {} : { passphrase: password }),
    ...(roots === undefined ? {} : { ca: roots }),
  });
}

function basic({ user, password }: NonNullable<Proxy['credentials']>): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

async function exchange(
  dispatcher: Dispatcher,
  request: HttpRequest,
  signal: AbortSignal,
  bound: Bound,
): Promise<HttpReply> {
  const {
    statusCode: status,
    headers: given,
    body,
  } = await send(request.url, {
    dispatcher,
    signal,
    method: request.method,
    headers: { ...request.headers },
    ...(request.body === undefined ? {} : { body: request.body }),
  });
  const headers = flat(given);
  try {
    const length = headers['content-length'] ?? '';
    return { status, headers, text: await readBody(body, headers['content-encoding'] ?? '', length, bound.bytes) };
  } catch (error) {
    throw error instanceof TooMuch ? unread(request.url, status, error.message, bound) : error;
  }
}

type Bound = Pick<ReplyBound, 'bytes'> & Partial<ReplyBound>;

function unread(url: string, status: number, why: string, { setting, beyond = 'Unavailable' }: Bound): Fault {
  const raise = setting === undefined ? '' : ` raise ${setting} if its answers are meant to be so large, else`;
  return new Fault(
    status < 300 ? beyond : 'Unavailable',
    `${new URL(url).host} answered ${status} with a reply that ${why}, which is read no further:${raise} see what answers there.`,
  );
}

/** A header that came several times is joined by commas, as HTTP has it. */
function flat(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) result[name.toLowerCase()] = typeof value === 'string' ? value : value.join(', ');
  }
  return result;
}

interface Circumstances {
  readonly proxy: Proxy | undefined;
  readonly timedOutAfterMs: number | null;
}

/** Names the host and never the path: paths carry indicators. */
function transportFault(url: string, error: unknown, { proxy, timedOutAfterMs }: Circumstances): Fault {
  const { host } = new URL(url);
  if (timedOutAfterMs !== null) {
    return new Fault('Unavailable', `${host} did not answer in full within ${timedOutAfterMs / 1_000} s.`, {
      timedOut: true,
    });
  }
  const code = codeOf(error);
  if (code === 'UND_ERR_INVALID_ARG') {
    return new Fault(
      'Refused',
      `A request to ${host} could not be made: one of its headers has what no header may hold. Look for a line break or a letter outside of ASCII in the secrets that go there.`,
    );
  }
  if (CANNOT_UNPACK.test(code)) {
    return new Fault(
      'Unavailable',
      `${host} answered with a reply that cannot be unpacked (${code}): it was cut, or changed on its way. See what answers there.`,
    );
  }
  if (proxy !== undefined) {
    const status = tunnelRefusal(error);
    if (status !== null) return proxyFault(proxy, host, status);
  }
  const advice = isAlert(code)
    ? 'It ended the handshake: where it asks for a client certificate, see that the settings have one, and that it knows who has signed that.'
    : isTrustProblem(code)
      ? "Its certificate is not trusted: if a TLS proxy stands between, set network.caFile to the proxy's CA."
      : 'Check the network, DNS, network.proxy and the endpoint.';
  return new Fault('Unavailable', `${host} could not be reached (${code}). ${advice}`);
}

/** Node.js's codes for what zlib and Brotli find wrong. */
const CANNOT_UNPACK = /^(Z_|ERR__ERROR_|ERR_BROTLI_)/;

/** What the proxy answered to CONNECT in the place of 200. Undici says it in the text of its error alone. */
function tunnelRefusal(error: unknown): number | null {
  const status = error instanceof Error ? /^Proxy response \((\d{3})\) !== 200/.exec(error.message)?.[1] : undefined;
  return status === undefined ? null : Number(status);
}

function proxyFault({ address, credentials }: Proxy, host: string, status: number): Fault {
  const name = `The proxy ${new URL(address).host}`;
  if (status === 407) {
    return credentials === undefined
      ? new Fault('Refused', `${name} asks who we are (407): set network.proxyUser and network.proxyPassword.`)
      : new Fault(
          'Refused',
          `${name} does not know us (407): check network.proxyUser and network.proxyPassword. ${READ_AT_START}`,
        );
  }
  if (status === 401 || status === 403) {
    return new Fault(
      'Refused',
      `${name} does not let us through to ${host} (${status}): have it allowed there, or name the host in network.noProxy.`,
    );
  }
  return new Fault('Unavailable', `${name} could not reach ${host} (${status}).`);
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  if ('code' in error && typeof error.code === 'string' && error.code !== '') return error.code;
  return error.cause instanceof Error ? codeOf(error.cause) : error.name;
}

/** What the other side says of us, not we of it. (Source: RFC 8446, 6.2, by OpenSSL's names.) */
function isAlert(code: string): boolean {
  return code.startsWith('ERR_SSL_') && code.includes('_ALERT_');
}

function isTrustProblem(code: string): boolean {
  return code.includes('CERT') || code.includes('ISSUER') || code.includes('LEAF_SIGNATURE');
}
