import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { createHttpClient } from '../../http/undici-client.ts';
import type { Stack } from './stack.ts';

const found = z.object({
  objects: z.array(
    z.object({
      import_session_id: z.number().nullable(),
      tags: z.array(z.object({ name: z.string(), tlp: z.string().nullable() })),
    }),
  ),
});
export type Shown = z.infer<typeof found>['objects'][number];

/** Observables of a value as ThreatStream's own search shows them, active or not. */
export async function searchThreatStream({ sandbox }: Stack, value: string): Promise<readonly Shown[]> {
  const http = createHttpClient({ ca: await readFile(sandbox.caFile, 'utf8'), timeoutMs: 10_000, connections: 1 });
  const { threatstreamUser, threatstreamApiKey } = sandbox.credentials;
  try {
    const shown: Shown[] = [];
    for (const status of ['active', 'inactive']) {
      const reply = await http.send({
        method: 'GET',
        url: `${sandbox.urls.threatstream}/api/v2/intelligence/?${new URLSearchParams({ value, status }).toString()}`,
        headers: { authorization: `apikey ${threatstreamUser}:${threatstreamApiKey}` },
        signal: AbortSignal.timeout(10_000),
      });
      shown.push(...found.parse(JSON.parse(reply.text)).objects);
    }
    return shown;
  } finally {
    await http.close();
  }
}
