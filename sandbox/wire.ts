/** One request as it arrived, below the prefix of the API that it is for. */
export interface WireRequest {
  readonly method: string;
  /** Percent-encoded, without the API's prefix and without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** How the body of an answer goes out when it is not whole and at once. */
export interface Sending {
  /** In pieces, over so many milliseconds. */
  readonly overMs?: number;
  /** The connection is cut after this share of it. */
  readonly cutAfter?: number;
  /** Its end comes again and again, until the client has gone. */
  readonly endless?: true;
  /** Packed, in whatever way the client asks for: a client that does not ask gets it as it is. (Source: RFC 9110, 12.5.3.) */
  readonly packed?: true;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
  readonly sending?: Sending;
}

/** An answer, or a connection that is cut after the request was taken in: a lost acknowledgement. */
export type WireReply = WireAnswer | 'cut';

/** One stand-in. It speaks the outside API's wire and knows nothing of who calls it. */
export interface WireApi {
  handle(request: WireRequest): Promise<WireReply>;
}
