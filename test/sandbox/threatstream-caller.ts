import { expect } from 'vitest';
import { z } from 'zod';
import { createThreatStreamApi, type ThreatStreamApi } from '../../sandbox/threatstream/threatstream-api.ts';
import { threatStreamFaults } from '../../sandbox/threatstream/threatstream-faults.ts';

const AUTHORIZATION = 'apikey analyst@example.com:key';
export const NOW = new Date('2026-11-24T08:00:00Z');

interface Started {
  readonly api: ThreatStreamApi;
  readonly setFaults: (faults: z.input<typeof threatStreamFaults>) => void;
}

export function start(
  faults: z.input<typeof threatStreamFaults> = {},
  restore?: unknown,
  now: () => Date = () => NOW,
): Started {
  let current = threatStreamFaults.parse(faults);
  const api = createThreatStreamApi({
    user: 'analyst@example.com',
    apiKey: 'key',
    faults: () => current,
    now,
    ...(restore === undefined ? {} : { restore }),
  });
  return {
    api,
    setFaults(next) {
      current = threatStreamFaults.parse(next);
    },
  };
}

export async function call(api: ThreatStreamApi, method: string, target: string, body = '', type = 'application/json') {
  const url = new URL(target, 'https://threatstream.example');
  return api.handle({
    method,
    path: url.pathname,
    query: url.searchParams,
    headers: { authorization: AUTHORIZATION, 'content-type': type },
    body,
  });
}

export async function json(api: ThreatStreamApi, method: string, target: string, body = '', type = 'application/json') {
  const reply = await call(api, method, target, body, type);
  if (reply === 'cut') throw new Error('The connection was cut.');
  const parsed: unknown = JSON.parse(reply.body);
  return { status: reply.status, body: z.record(z.string(), z.unknown()).parse(parsed) };
}

export const FORM = 'application/x-www-form-urlencoded';
export const IMPORT = '/api/v2/intelligence/import/';

export function form(values: readonly string[], fields: Readonly<Record<string, string>> = {}): string {
  return new URLSearchParams({
    datatext: values.join('\n'),
    classification: 'private',
    threat_type: 'malware',
    tags: JSON.stringify([{ name: 'mdti', tlp: 'red' }, { name: 'mdti-sync:one:1' }]),
    ...fields,
  }).toString();
}

export async function importAll(
  api: ThreatStreamApi,
  values: readonly string[],
  fields: Readonly<Record<string, string>> = {},
) {
  const { status, body } = await json(api, 'POST', IMPORT, form(values, fields), FORM);
  return { status, id: z.string().parse(body['import_session_id']) };
}

export async function settled(api: ThreatStreamApi, id: string) {
  const first = await json(api, 'GET', `/api/v1/importsession/${id}/`);
  expect(first.body['status']).toBe('processing');
  return (await json(api, 'GET', `/api/v1/importsession/${id}/`)).body;
}

export async function valuesFor(api: ThreatStreamApi, query: string) {
  const { body } = await json(api, 'GET', `/api/v2/intelligence/?${query}`);
  return z
    .array(z.object({ value: z.string() }))
    .parse(body['objects'])
    .map(({ value }) => value);
}

/** Imported, approved at once, and taken in. Returns the session. */
export async function imported(
  api: ThreatStreamApi,
  values: readonly string[],
  fields: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { id } = await importAll(api, values, { default_state: 'active', ...fields });
  await through(api, id);
  return id;
}

/** Asks about a session until it is no longer processing, and returns what it says then. */
export async function through(api: ThreatStreamApi, id: string) {
  for (let asked = 0; asked < 10; asked += 1) {
    const { body } = await json(api, 'GET', `/api/v1/importsession/${id}/`);
    if (body['status'] !== 'processing') return body;
  }
  throw new Error(`Session ${id} is still processing.`);
}

export async function objectsOf(api: ThreatStreamApi, target: string) {
  const { body } = await json(api, 'GET', target);
  return z.array(z.record(z.string(), z.unknown())).parse(body['objects']);
}

export async function idsOf(api: ThreatStreamApi, query: string): Promise<number[]> {
  return (await objectsOf(api, `/api/v2/intelligence/?${query}`)).map(({ id }) => z.int().parse(id));
}

export async function change(api: ThreatStreamApi, id: number, fields: Readonly<Record<string, unknown>>) {
  return call(api, 'PATCH', `/api/v2/intelligence/${id}/`, JSON.stringify(fields));
}

interface Upload {
  readonly name?: string;
  readonly type?: string;
}

/** The form of an import of a file, multipart. */
export function upload(
  text: string,
  fields: Readonly<Record<string, string>> = {},
  { name = 'shipment.csv', type = 'text/csv' }: Upload = {},
): { readonly body: string; readonly type: string } {
  const all = { classification: 'private', threat_type: 'malware', ...fields };
  const parts = Object.entries(all).map(
    ([field, value]) => `--XX\r\nContent-Disposition: form-data; name="${field}"\r\n\r\n${value}\r\n`,
  );
  const head = `Content-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: ${type}`;
  return {
    body: `${parts.join('')}--XX\r\n${head}\r\n\r\n${text}\r\n--XX--\r\n`,
    type: 'multipart/form-data; boundary=XX',
  };
}

/** Uploads a CSV, and returns its session once it is no longer processing. */
export async function uploaded(
  api: ThreatStreamApi,
  text: string,
  fields: Readonly<Record<string, string>> = {},
  named: Upload = {},
) {
  const { body, type } = upload(text, fields, named);
  const reply = await json(api, 'POST', IMPORT, body, type);
  const id = z.string().parse(reply.body['import_session_id']);
  return { id, session: await through(api, id) };
}
