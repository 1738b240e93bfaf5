import { isDeepStrictEqual } from 'node:util';
import { faultOf, parseJson } from '../http/faults.ts';
import type { HttpReply, HttpRequest } from '../http/http-client.ts';
import { Fault } from '../indicators/fault.ts';
import { FAILED_DEPENDENCY, GRAPH, type HostAnswer, refusalOf, withoutAnswer } from './host-answer.ts';
import { batchResponseSchema, batchSchema, errorOf } from './reputation-schema.ts';

/** One HTTP call about some hosts: how it is asked, and how its reply is taken apart. */
export interface GraphCall {
  readonly hostsPerCall: number;
  request(hosts: readonly string[]): Pick<HttpRequest, 'method' | 'url' | 'body'>;
  /**
   * The answer for each host, null where there is none. Throws a `Fault` when the call failed as a whole; `Rejected` when it was
   * declined, be it for what is in it or whatever that is.
   */
  answers(hosts: readonly string[], reply: HttpReply, now: Date): readonly (HostAnswer | null)[];
}

/** Graph takes no more. (Source: learn.microsoft.com/graph/json-batching.) */
const HOSTS_OF_A_BATCH = 20;

/** `$batch`: its own 200 says nothing of the requests inside. */
export function batchCall(endpoint: string): GraphCall {
  return {
    hostsPerCall: HOSTS_OF_A_BATCH,
    request: (hosts) => ({
      method: 'POST',
      url: `${endpoint}/$batch`,
      body: JSON.stringify({
        requests: hosts.map((host, at) => ({ id: String(at), method: 'GET', url: pathOf(host) })),
      }),
    }),
    answers(hosts, reply, now) {
      const fault = refusalOf(reply.status, errorOf(jsonOf(reply.text))) ?? faultOf(GRAPH, reply, now);
      if (fault !== null) throw fault;
      if (reply.status < 400 && reply.status !== 200) throw withoutAnswer(reply.status);
      if (!isBatchAnswer(reply)) {
        throw new Fault(
          'Rejected',
          `${GRAPH} answered $batch with ${reply.status}: check mdti.endpoint, or set mdti.lookUps to single.`,
        );
      }
      const parsed = batchSchema.safeParse(parseJson(GRAPH, reply));
      if (!parsed.success) throw new Fault('Unavailable', `${GRAPH} answered $batch with what is no batch answer.`);
      const ofAll = headersOfAll(reply);
      const byId = new Map<string, HostAnswer | null>();
      for (const one of parsed.data.responses) {
        const response = batchResponseSchema.safeParse(one).data;
        if (response === undefined) continue;
        const { id, status, headers, body } = response;
        const answer = {
          status,
          headers: { ...ofAll, ...lowerCase(headers) },
          body: bodyOf(body),
        };
        const before = byId.get(id);
        // Two answers that differ are none.
        byId.set(id, before === undefined || isDeepStrictEqual(before, answer) ? answer : null);
      }
      return hosts.map((_, at) => byId.get(String(at)) ?? null);
    },
  };
}

/**
 * Whether what became of the hosts stands inside: a 200, and a 424 for a batch with 429s in it, which older texts of Graph's throttling
 * guide promise. (Source: microsoft-graph-docs-contrib#8883, which says that it is a 200.)
 */
export function isBatchAnswer({ status }: HttpReply): boolean {
  return status === 200 || status === FAILED_DEPENDENCY;
}

/** What the reply as a whole says of each answer in it that does not say so itself. */
function headersOfAll({ status, headers }: HttpReply): Record<string, string> {
  const names = status === FAILED_DEPENDENCY ? ['date', 'retry-after'] : ['date'];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = headers[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** One request a host, for where `$batch` does not reach threat intelligence. */
export function singleCall(endpoint: string): GraphCall {
  return {
    hostsPerCall: 1,
    request: ([host = '']) => ({ method: 'GET', url: `${endpoint}${pathOf(host)}` }),
    answers(_, reply) {
      const body = reply.status === 200 ? parseJson(GRAPH, reply) : jsonOf(reply.text);
      return [{ status: reply.status, headers: reply.headers, body }];
    },
  };
}

function pathOf(host: string): string {
  return `/security/threatIntelligence/hosts/${encodeURIComponent(host)}/reputation`;
}

/** Inside a batch, a body is JSON; what is not comes as text, and perhaps in base64. */
function bodyOf(body: unknown): unknown {
  if (typeof body !== 'string') return body;
  const read = jsonOf(body) ?? jsonOf(Buffer.from(body, 'base64').toString('utf8'));
  return typeof read === 'object' && read !== null ? read : body;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function lowerCase(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
}
