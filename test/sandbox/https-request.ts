import type { LookupFunction } from 'node:net';
import { Agent, request } from 'undici';

export interface Fetched {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  json(): unknown;
}

/** Where a request goes instead of to the machine that its URL names, and the name that the certificate must have. */
export interface Reached {
  readonly address: string;
  readonly servername: string;
}

/** An answer without an end is over there, as one that is cut. */
const LARGEST = 64_000_000;

/** One request to the sandbox over HTTPS, trusting its certificate authority and no other. */
export async function asFetched(
  { ca }: { readonly ca: string },
  url: string,
  init: {
    readonly method?: 'DELETE' | 'GET' | 'PATCH' | 'POST' | 'PUT';
    readonly headers?: Record<string, string>;
    readonly body?: string;
  } = {},
  at?: Reached,
): Promise<Fetched> {
  const agent = new Agent({
    maxResponseSize: LARGEST,
    connect: { ca, ...(at === undefined ? {} : { servername: at.servername, ...resolvedTo(at.address) }) },
  });
  try {
    const { method = 'GET', headers = {}, body = null } = init;
    const reply = await request(url, { dispatcher: agent, method, headers, body });
    const text = await reply.body.text();
    return { status: reply.statusCode, headers: reply.headers, text, json: () => JSON.parse(text) };
  } finally {
    await agent.close();
  }
}

function resolvedTo(address: string): { readonly lookup: LookupFunction } {
  return { lookup: (_name, _options, found) => found(null, [{ address, family: 4 }]) };
}
