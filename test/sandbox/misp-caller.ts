import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { MISP_STAND_IN } from '../../sandbox/misp/misp-stand-in.ts';
import { request, serveTip, type TipServer } from './tip-server.ts';

export const KEY = MISP_STAND_IN.credentials['apiKey'] ?? '';
export const BUCKET = '2f1e7a30-5b1c-5c39-8b07-1d1c3b7a6f01';
const NOW = new Date('2026-11-24T08:00:00Z');
/** In seconds. */
export const AT = NOW.getTime() / 1_000;

export interface Misp extends TipServer<ReturnType<typeof MISP_STAND_IN.open>> {
  /** Lets time pass. */
  pass(seconds: number): void;
  post(path: string, body?: unknown): Promise<Reply>;
  get(path: string): Promise<Reply>;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
}

/** A MISP over HTTPS, whose clock stands still; closed when the test is over. */
export async function startMisp(faults: Record<string, unknown> = {}, restore?: unknown): Promise<Misp> {
  let passed = 0;
  const now = (): Date => new Date(NOW.getTime() + passed * 1_000);
  const server = await serveTip(MISP_STAND_IN, faults, { given: { now, restore } });
  onTestFinished(() => server.close());
  const ask = async (method: 'GET' | 'POST', path: string, body?: unknown): Promise<Reply> => {
    const headers = { authorization: KEY, accept: 'application/json', 'content-type': 'application/json' };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const { status, headers: got, text } = await request(server, { method, path, headers, ...sent });
    const isJson = String(got['content-type']).startsWith('application/json');
    return { status, headers: got, body: isJson ? JSON.parse(text) : text };
  };
  return {
    ...server,
    pass(seconds) {
      passed += seconds;
    },
    post: (path, body) => ask('POST', path, body),
    get: (path) => ask('GET', path),
  };
}

/** Makes the event of a bucket, and returns its id. */
export async function addBucket(misp: Misp, uuid = BUCKET, more: object = {}): Promise<string> {
  const reply = await misp.post('/events/add', { Event: { uuid, info: 'Bucket', distribution: 0, ...more } });
  return z.object({ Event: z.object({ id: z.string() }) }).parse(reply.body).Event.id;
}

/** A uuid that is this number's. */
export function uuidOf(number: number): string {
  return `00000000-0000-5000-8000-${String(number).padStart(12, '0')}`;
}

export function domain(number: number, more: object = {}): Record<string, unknown> {
  return { uuid: uuidOf(number), type: 'domain', value: `host${number}.example.com`, to_ids: true, ...more };
}

const found = z.object({ response: z.object({ Attribute: z.array(z.record(z.string(), z.unknown())) }) });

export async function search(misp: Misp, filters: object): Promise<Record<string, unknown>[]> {
  const { body } = await misp.post('/attributes/restSearch', { returnFormat: 'json', ...filters });
  return found.parse(body).response.Attribute;
}

export async function valuesFor(misp: Misp, filters: object): Promise<unknown[]> {
  return (await search(misp, filters)).map(({ value }) => value);
}

/** Each value with its state, as the stand-in holds it. */
export function heldIn({ tip }: Misp): Record<string, string> {
  return Object.fromEntries(tip.items().map(({ value, state }) => [value, state]));
}

const event = z.object({ Event: z.record(z.string(), z.unknown()) });

export async function eventOf(misp: Misp, uuid = BUCKET): Promise<Record<string, unknown>> {
  return event.parse((await misp.get(`/events/view/${uuid}`)).body).Event;
}
