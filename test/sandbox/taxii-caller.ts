import { request as httpsRequest } from 'node:https';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { TAXII_CREDENTIALS } from '../../sandbox/taxii/collections.ts';
import type { TaxiiFaults } from '../../sandbox/taxii/taxii-faults.ts';
import { TAXII_STAND_IN } from '../../sandbox/taxii/taxii-stand-in.ts';
import type { Fetched } from './https-request.ts';
import { request, serveTip, type TipServer } from './tip-server.ts';

export const MEDIA = 'application/taxii+json;version=2.1';
const { user, password, collection } = TAXII_CREDENTIALS;
const BASIC = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
export const IN_COLLECTION = `/api1/collections/${collection}/`;
export const OBJECTS = `${IN_COLLECTION}objects/`;

interface Caller extends TipServer {
  get(path: string, headers?: Record<string, string>): Promise<Fetched>;
  post(objects: readonly unknown[], path?: string): Promise<Fetched>;
  send(
    method: 'DELETE' | 'POST' | 'PUT',
    path: string,
    body?: string,
    headers?: Record<string, string>,
  ): Promise<Fetched>;
  /** The objects that a path answers with. */
  objects(path?: string): Promise<readonly Record<string, unknown>[]>;
}

/** A TAXII stand-in for the length of one test, and a client of it that is signed in. */
export async function start(
  faults: Partial<TaxiiFaults> = {},
  given: { readonly now?: () => Date; readonly restore?: unknown; readonly perSecond?: number } = {},
): Promise<Caller> {
  const served = await serveTip(TAXII_STAND_IN, faults, { given });
  onTestFinished(() => served.close());
  const signedIn = { authorization: BASIC, accept: MEDIA };
  const get: Caller['get'] = (path, headers = {}) => request(served, { path, headers: { ...signedIn, ...headers } });
  const send: Caller['send'] = (method, path, body, headers = {}) =>
    request(served, {
      method,
      path,
      headers: { ...signedIn, ...(method === 'POST' ? { 'content-type': MEDIA } : {}), ...headers },
      ...(body === undefined ? {} : { body }),
    });
  return {
    ...served,
    get,
    send,
    post: (objects, path = OBJECTS) => send('POST', path, JSON.stringify({ objects })),
    async objects(path = OBJECTS) {
      const { objects = [] } = envelope.parse((await get(path)).json());
      return objects;
    },
  };
}

const envelope = z.object({ objects: z.array(z.record(z.string(), z.unknown())).optional() });

export function indicatorId(number: number): string {
  return `indicator--5a4d0000-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

/** An indicator about `192.0.2.<number>`, unless it says otherwise. */
export function indicator(number: number, properties: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    type: 'indicator',
    spec_version: '2.1',
    id: indicatorId(number),
    created: '2026-01-01T00:00:00.000Z',
    modified: '2026-01-01T00:00:00.000Z',
    pattern: `[ipv4-addr:value = '192.0.2.${number}']`,
    pattern_type: 'stix',
    valid_from: '2026-01-01T00:00:00.000Z',
    ...properties,
  };
}

export const SECOND = { modified: '2026-01-02T00:00:00.000Z' };

/** The status that a body without a length is answered with. */
export async function statusInChunks({ url, ca }: Caller, path: string, body: string): Promise<number> {
  const headers = { authorization: BASIC, accept: MEDIA, 'content-type': MEDIA };
  const sending = httpsRequest(`${url}${path}`, { method: 'POST', ca, headers, agent: false });
  const statusCode = new Promise<number>((resolve, reject) => {
    sending.on('error', reject);
    sending.on('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
  });
  sending.write(body);
  sending.end();
  return statusCode;
}
