import type { TokenCredentialOptions } from '@azure/identity';
import type { HttpClient } from '../http/http-client.ts';

/** How the Azure SDKs send a request: their `httpClient` option. */
export type AzureTransport = NonNullable<TokenCredentialOptions['httpClient']>;
type AzureRequest = Parameters<AzureTransport['sendRequest']>[0];
type AzureHeaders = AzureRequest['headers'];

const METHODS = ['GET', 'POST', 'PATCH', 'DELETE'] as const;

/**
 * Lets an Azure SDK send through our client. Their own one ignores a CA when a proxy is set, which is just when a company needs
 * both, and `@azure/monitor-query-logs` 1.0 drops the caller's abort signal: `signal` aborts every request, besides the signal
 * that the SDK may pass.
 */
export function azureTransport(http: HttpClient, signal?: AbortSignal): AzureTransport {
  return {
    async sendRequest(request) {
      const method = METHODS.find((known) => known === request.method);
      if (method === undefined) throw new TypeError('The Azure SDK used a method that the transport does not have.');
      const { body } = request;
      if (body !== undefined && body !== null && typeof body !== 'string') {
        throw new TypeError('The Azure SDK sent a body that is not text.');
      }
      const reply = await http.send({
        method,
        url: request.url,
        headers: request.headers.toJSON(),
        ...(typeof body === 'string' ? { body } : {}),
        signal: signalOf(request, signal),
      });
      return { request, status: reply.status, headers: headersOf(reply.headers), bodyAsText: reply.text };
    },
  };
}

/** The SDK's signal is only like an `AbortSignal`: `AbortSignal.any` does not take it. */
function signalOf({ abortSignal }: AzureRequest, signal: AbortSignal | undefined): AbortSignal {
  const stop = new AbortController();
  if (abortSignal?.aborted === true) stop.abort();
  else abortSignal?.addEventListener('abort', () => stop.abort());
  return signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
}

function headersOf(source: Readonly<Record<string, string>>): AzureHeaders {
  const headers = new Map(Object.entries(source));
  return {
    get: (name) => headers.get(name.toLowerCase()),
    has: (name) => headers.has(name.toLowerCase()),
    set(name, value) {
      headers.set(name.toLowerCase(), String(value));
    },
    delete(name) {
      headers.delete(name.toLowerCase());
    },
    toJSON: () => Object.fromEntries(headers),
    [Symbol.iterator]: () => headers.entries(),
  };
}
