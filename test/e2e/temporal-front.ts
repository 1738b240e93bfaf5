import { once } from 'node:events';
import { connect, constants, createSecureServer, type ServerHttp2Stream } from 'node:http2';
import type { Identity } from '../../sandbox/https/certificates.ts';

/** What a Temporal demands of those who come from outside. */
export interface Demands {
  /** PEM of the authority whose clients may come: mTLS. */
  readonly clientCa?: string;
  readonly apiKey?: string;
  /** Lets nobody do what is an operator's, as Temporal Cloud does. */
  readonly noOperators?: true;
}

export interface Front {
  readonly address: string;
  /** Calls let through. */
  readonly passed: () => number;
  readonly close: () => Promise<void>;
}

const UNAUTHENTICATED = '16';
const PERMISSION_DENIED = '7';

/** Stands before a Temporal server as a cloud's front does: TLS, client certificates, API keys. */
export async function startFront(target: string, identity: Identity, demands: Demands): Promise<Front> {
  const { clientCa, apiKey, noOperators } = demands;
  let passed = 0;
  const upstream = connect(`http://${target}`);
  const server = createSecureServer({
    key: identity.privateKey,
    cert: identity.certificate,
    ...(clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: true }),
  });
  const sessions = new Set<{ destroy(): void }>();
  server.on('session', (session) => sessions.add(session));
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    const refuse = (status: string): void => {
      const refusal = { 'grpc-status': status, 'grpc-message': 'Request unauthorized.' };
      stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...refusal }, { endStream: true });
    };
    if (apiKey !== undefined && headers.authorization !== `Bearer ${apiKey}`) return refuse(UNAUTHENTICATED);
    if (noOperators === true && headers[':path']?.includes('.operatorservice.') === true)
      return refuse(PERMISSION_DENIED);
    passed += 1;
    const call = upstream.request({ ...headers, ':authority': target, ':scheme': 'http' });
    let trailers = {};
    call.on('response', (answer, flags) => {
      const ends = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
      if (!stream.destroyed) stream.respond(answer, ends ? { endStream: true } : { waitForTrailers: true });
    });
    call.on('trailers', (sent) => {
      trailers = { 'grpc-status': sent['grpc-status'], ...sent };
    });
    stream.on('wantTrailers', () => stream.sendTrailers(trailers));
    stream.on('aborted', () => call.close(constants.NGHTTP2_CANCEL));
    for (const each of [call, stream]) each.on('error', () => undefined);
    stream.pipe(call);
    call.pipe(stream);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  return {
    address: `127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`,
    passed: () => passed,
    async close() {
      upstream.destroy();
      for (const session of sessions) session.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
