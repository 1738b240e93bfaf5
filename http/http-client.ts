import type { Proxy } from './proxy.ts';

/** How to reach one outside API. One client per API: it owns a pool of connections. */
export interface HttpOptions {
  /** PEM certificates trusted in addition to the system's: companies have TLS proxies. */
  readonly ca?: string;
  /** By which we show who we are to a server that asks for it; the proxy is not shown it. */
  readonly certificate?: ClientCertificate;
  /** Of https only: http is for this machine and its neighbours. */
  readonly proxy?: Proxy;
  /** A whole request, headers and body, may take this long. */
  readonly timeoutMs: number;
  /** The largest reply that is read. Default: 64 MiB */
  readonly replies?: ReplyBound;
  /** Connections kept at most. */
  readonly connections: number;
  /** Told of each request once it has ended. */
  readonly observe?: Observe;
}

/** A client's certificate and its private key. */
export interface ClientCertificate {
  /** PEM: both of them, the client's own certificate first. */
  readonly pem: string;
  /** Of the key. */
  readonly password?: string;
}

/** How much of a reply is read, on the wire and unpacked; what is larger is cut off and read no further. */
export interface ReplyBound {
  readonly bytes: number;
  /** The setting that says so: `mdti.maxReply`. */
  readonly setting: string;
  /** `TooLarge` where asking for less helps. A failure that is larger is `Unavailable` in any case. Default: Unavailable */
  readonly beyond?: 'TooLarge' | 'Unavailable';
}

/** One request and what came of it: an HTTP status, or why there is none. `aborted` was given up by the caller. */
export interface Exchange {
  readonly outcome: number | 'unreachable' | 'aborted';
  readonly seconds: number;
}

export type Observe = (exchange: Exchange) => void;

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

/** Any complete answer, whatever its status. */
export interface HttpReply {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export interface HttpClient {
  /**
   * Resolves with any answer. Throws `Unavailable` on reset, DNS failure, timeout or more than is read, `Refused` when the proxy lets nobody through or the
   * request has what no header may hold, and the signal's reason when aborted.
   */
  send(request: HttpRequest): Promise<HttpReply>;
  /** Cuts what is still under way. */
  close(): Promise<void>;
}
