import { afterEach } from 'vitest';
import { z } from 'zod';
import type { FaultsPatch } from '../../sandbox/faults.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import type { SandboxOptions } from '../../sandbox/sandbox-options.ts';
import { asFetched } from './https-request.ts';

const open: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

const shown = z.looseObject({
  id: z.int(),
  value: z.string(),
  type: z.string(),
  update_id: z.int(),
  confidence: z.int(),
  tags: z.array(z.object({ id: z.string(), name: z.string(), tlp: z.string().optional() })).nullable(),
});
const page = z.object({ meta: z.object({ next: z.string().nullable() }), objects: z.array(shown) });
const counts = z.object({ tips: z.object({ threatstream: z.record(z.string(), z.unknown()) }) });
export const SEARCH = '/api/v2/intelligence/';

type Method = 'DELETE' | 'GET' | 'PATCH' | 'POST';

/** A sandbox without rows, ThreatStream in it by its requests, and what is done there by its controls, all over HTTPS. */
export async function startThreatStream(faults: FaultsPatch['threatstream'] = {}, options: SandboxOptions = {}) {
  const sandbox = await startSandbox({ indicators: 0, ...options, faults: { threatstream: faults } });
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (isOpen) await sandbox.close();
    isOpen = false;
  };
  open.push(close);
  const { threatstreamUser, threatstreamApiKey } = sandbox.credentials;
  const authorization = `apikey ${threatstreamUser}:${threatstreamApiKey}`;
  const ask = async (method: Method, path: string, body?: unknown) => {
    const init = { method, headers: { authorization, 'content-type': 'application/json' } };
    const sent = body === undefined ? init : { ...init, body: JSON.stringify(body) };
    const { status, text } = await asFetched(sandbox, `${sandbox.urls.threatstream}${path}`, sent);
    const json: unknown = text.startsWith('{') ? JSON.parse(text) : null;
    return { status, json };
  };
  const control = async (path: string, body: unknown, method: 'POST' | 'PUT' = 'POST') => {
    const sent = { method, body: JSON.stringify(body) };
    const reply = await asFetched(sandbox, `${sandbox.urls.control}/${path}`, sent);
    return { status: reply.status, json: reply.json() };
  };
  return {
    close,
    ask,
    control,
    /** What is done in ThreatStream without the product. */
    act: (name: string, body: unknown = {}) => control(`tips/threatstream/${name}`, body),
    objects: async (query = '', path = SEARCH) => page.parse((await ask('GET', `${path}?${query}`)).json).objects,
    /** Of all pages. */
    values: async (query = '', path = SEARCH) => {
      const values: string[] = [];
      for (let next: string | null = `${path}?${query}`; next !== null; ) {
        const read: z.infer<typeof page> = page.parse((await ask('GET', next)).json);
        values.push(...read.objects.map(({ value }) => value));
        next = read.meta.next;
      }
      return values;
    },
    counts: async () => {
      const reply = await asFetched(sandbox, `${sandbox.urls.control}/counts`);
      return counts.parse(reply.json()).tips.threatstream;
    },
  };
}
