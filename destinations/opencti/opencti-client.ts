import { z } from 'zod';
import { parseJson } from '../../http/faults.ts';
import type { HttpClient, HttpReply } from '../../http/http-client.ts';
import { Fault } from '../../indicators/fault.ts';
import type { Pace } from '../../rates/pace.ts';
import type { OpenCtiSettings } from './opencti-settings.ts';
import { API, changeFault, codeOf, errorsFault, pushFault, queryFault } from './refusals.ts';

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
  /** What a GraphQL query is answered; anything else is a `Fault`, the one that `declined` gives for the code of an error, if it gives one. */
  ask<T>(
    query: string,
    variables: object,
    schema: z.ZodType<T>,
    signal: AbortSignal,
    declined?: (code: string) => Fault | null,
  ): Promise<Answered<T>>;
  /**
   * What became of each field of a GraphQL mutation. `Rejected` when one about several things was declined as a whole, before any of it was
   * done; any failure that is not about what was asked for is a `Fault`, too.
   */
  change(mutation: Mutation, signal: AbortSignal, leaving?: () => Promise<void>): Promise<Changed>;
}

export interface Mutation {
  readonly text: string;
  readonly variables: object;
  /** Of how many things it is. */
  readonly things: number;
}

/** By the names of the fields of a mutation. */
export interface Changed {
  /** Null for what was declined. */
  readonly data: ReadonlyMap<string, unknown>;
  /** The code of the error. */
  readonly declined: ReadonlyMap<string, string>;
}

/** The one that OpenCTI asks for. (Source: OpenCTI, http/httpTaxii.js.) */
const PUSH_TYPE = 'application/taxii+json;version=2.1';

const work = z.object({ id: z.string().min(1) });

const graphqlBody = z.object({
  // Left out where nothing was run.
  data: z.unknown().optional(),
  errors: z
    .array(
      z.object({
        name: z.string().nullish(),
        extensions: z.object({ code: z.string().nullish() }).nullish(),
        path: z.array(z.union([z.string(), z.number()])).nullish(),
      }),
    )
    .nullish(),
});
const fields = z.record(z.string(), z.unknown()).nullish();

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
  const graphql = async (query: string, variables: object, signal: AbortSignal, leaving?: () => Promise<void>) => {
    const json = 'application/json';
    const request = { path: '/graphql', type: json, accept: json, body: { query, variables } };
    const reply = await send(request, queryFault, signal, leaving);
    const { data, errors } = readAs(graphqlBody, parseJson(API, reply));
    const said = Date.parse(reply.headers['date'] ?? '');
    return { data, errors: errors ?? [], at: Number.isNaN(said) ? now() : new Date(said) };
  };
  return {
    async push(objects, signal, leaving) {
      const path = `/taxii2/root/collections/${collection}/objects/`;
      const request = { path, type: PUSH_TYPE, accept: PUSH_TYPE, body: { objects } };
      return readAs(work, parseJson(API, await send(request, pushFault, signal, leaving))).id;
    },
    async ask(query, variables, schema, signal, declined) {
      const { data, errors, at } = await graphql(query, variables, signal);
      const own = errors.map((error) => declined?.(codeOf(error)) ?? null).find((fault) => fault !== null);
      const fault = own ?? errorsFault(errors);
      if (fault !== null) throw fault;
      return { data: readAs(schema, data), at };
    },
    async change({ text, variables, things }, signal, leaving) {
      const { data, errors } = await graphql(text, variables, signal, leaving);
      const declined = new Map<string, string>();
      for (const error of errors) {
        const [field] = error.path ?? [];
        const fault = changeFault(error, { isOfOneField: typeof field === 'string', things });
        if (fault !== null) throw fault;
        declined.set(String(field), codeOf(error));
      }
      return { data: new Map(Object.entries(readAs(fields, data) ?? {})), declined };
    },
  };
}

function readAs<T>(schema: z.ZodType<T>, json: unknown): T {
  const read = schema.safeParse(json);
  if (read.success) return read.data;
  const unread = [
    ...new Set(read.error.issues.map(({ path }) => path.filter((part) => typeof part === 'string').join('.'))),
  ];
  throw new Fault(
    'Unavailable',
    `${API} answered with JSON of another form than expected: ${unread.join(', ') || 'all of it'}.`,
  );
}
