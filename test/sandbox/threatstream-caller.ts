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
