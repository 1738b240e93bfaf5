import { Fault } from '../indicators/fault.ts';
import type { HttpClient, HttpReply } from './http-client.ts';

/** What came of a request. */
export type Outcome =
  | { readonly kind: 'reply'; readonly reply: HttpReply }
  | { readonly kind: 'fault'; readonly fault: Fault }
  | { readonly kind: 'none' };

export interface RecordedClient {
  readonly http: HttpClient;
  /** The newest outcome, and forgets it. */
  readonly take: () => Outcome;
}

/**
 * A client that remembers its newest outcome. The Azure SDKs put their own words in the place of what happened: a reset, an
 * unknown tenant and a proxy's HTML page all come out of them as `endpoints_resolution_error`.
 */
export function recordedClient(http: HttpClient): RecordedClient {
  let outcome: Outcome = { kind: 'none' };
  return {
    take() {
      const taken = outcome;
      outcome = { kind: 'none' };
      return taken;
    },
    http: {
      async send(request) {
        try {
          const reply = await http.send(request);
          outcome = { kind: 'reply', reply };
          return reply;
        } catch (error) {
          outcome = error instanceof Fault ? { kind: 'fault', fault: error } : { kind: 'none' };
          throw error;
        }
      },
      close: () => http.close(),
    },
  };
}
