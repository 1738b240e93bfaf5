import { z } from 'zod';
import { parseJson } from '../../http/faults.ts';
import type { HttpClient, HttpReply } from '../../http/http-client.ts';
import { Fault } from '../../indicators/fault.ts';
import type { Pace } from '../../rates/pace.ts';
import type { OpenCtiSettings } from './opencti-settings.ts';
import { API, errorsFault, pushFault, queryFault } from './refusals.ts';

export interface OpenCtiDeps {
  readonly http: HttpClient;
  readonly pace: Pace;
  readonly now: () => Date;
}

/** An answer, with when it was given: by OpenCTI's clock, where it says so. */
export interface Answered<T> {
  readonly data: T;
  readonly at: Date;
}

export interface OpenCtiClient {
  /** Has objects queued; returns the id of the work, which says no more than that. */
  push(objects: readonly object[], signal: AbortSignal, leaving?: () => Promise<void>): Promise<string>;
  /** What a GraphQL query is answered; anything else is a `Fault`. */
  ask<T>(query: string, variables: object, schema: z.ZodType<T>, signal: AbortSignal): Promise<Answered<T>>;
}

/** The one that OpenCTI asks for. (Source: OpenCTI, http/httpTaxii.js.) */
const PUSH_TYPE = 'application/taxii+json;version=2.1';

const work = z.object({ id: z.string().min(1) });

const graphqlBody = z.object({
  // Left out where nothing was run.
  data: z.unknown().optional(),
  errors: z
    .array(z.object({ name: z.string().nullish(), extensions: z.object({ code: z.string().nullish() }).nullish() }))
    .nullish(),
});

/** Sends with the token in a header, at the pace of the shared budget. */
export function createOpenCtiClient(
  { baseUrl, collection, token }: Pick<OpenCtiSettings, 'baseUrl' | 'collection' | 'token'>,
  { http, pace, now }: OpenCtiDeps,
): OpenCtiClient {
  const send = async (
    { path, type, accept, body }: { path: string; type: string; accept: string; body: object },
    faultIn: (reply: HttpReply, now: Date) => Fault | null,
    signal: AbortSignal,
    leaving?: () => Promise<void>,
  ): Promise<HttpReply> => {
    const text = JSON.stringify(body);
    await pace.before(signal);
    await leaving?.();
    const reply = await http.send({
      method: 'POST',
      url: `${baseUrl}${path}`,
      headers: { accept, 'content-type': type, authorization: `Bearer ${token}` },
      body: text,
      signal,
    });
    const fault = faultIn(reply, now());
    if (fault?.kind === 'Throttled') await pace.throttled(fault.retryAfterMs);
    else pace.answered();
    if (fault !== null) throw fault;
    return reply;
  };
  return {
    async push(objects, signal, leaving) {
      const path = `/taxii2/root/collections/${collection}/objects/`;
      const request = { path, type: PUSH_TYPE, accept: PUSH_TYPE, body: { objects } };
      return readAs(work, parseJson(API, await send(request, pushFault, signal, leaving))).id;
    },
    async ask(query, variables, schema, signal) {
      const json = 'application/json';
      const request = { path: '/graphql', type: json, accept: json, body: { query, variables } };
      const reply = await send(request, queryFault, signal);
      const { data, errors } = readAs(graphqlBody, parseJson(API, reply));
      const fault = errorsFault(errors ?? []);
      if (fault !== null) throw fault;
      const said = Date.parse(reply.headers['date'] ?? '');
      return { data: readAs(schema, data), at: Number.isNaN(said) ? now() : new Date(said) };
    },
  };
}

function readAs<T>(schema: z.ZodType<T>, json: unknown): T {
  const read = schema.safeParse(json);
  if (read.success) return read.data;
  const fields = [
    ...new Set(read.error.issues.map(({ path }) => path.filter((part) => typeof part === 'string').join('.'))),
  ];
  throw new Fault(
    'Unavailable',
    `${API} answered with JSON of another form than expected: ${fields.join(', ') || 'all of it'}.`,
  );
}
