import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { createHttpClient } from '../../http/undici-client.ts';
import type { Stack } from '../../test/e2e/stack.ts';

const shown = z.object({ comments: z.array(z.object({ comment: z.string() })) });

/** The verdicts that comments of the product tell of each value, the oldest first, as ThreatStream itself shows them; values without any are absent. */
export async function commentsOn(
  { sandbox }: Stack,
  values: ReadonlySet<string>,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const http = createHttpClient({ ca: await readFile(sandbox.caFile, 'utf8'), timeoutMs: 10_000, connections: 1 });
  const { threatstreamUser, threatstreamApiKey } = sandbox.credentials;
  const told = new Map<string, readonly string[]>();
  try {
    for (const value of values) {
      const reply = await http.send({
        method: 'GET',
        url: `${sandbox.urls.threatstream}/api/v2/intelligence/comments/?${new URLSearchParams({ value }).toString()}`,
        headers: { authorization: `apikey ${threatstreamUser}:${threatstreamApiKey}` },
        signal: AbortSignal.timeout(10_000),
      });
      const { comments } = shown.parse(JSON.parse(reply.text));
      const verdicts = comments.flatMap(({ comment }) => /\[mdti-sync: ([^\]]*)\]$/.exec(comment)?.[1] ?? []);
      if (verdicts.length > 0) told.set(value, verdicts);
    }
    return told;
  } finally {
    await http.close();
  }
}
