import { readFile } from 'node:fs/promises';
import { createHttpClient } from '../../http/undici-client.ts';
import { CommandError, EXIT } from './exit-codes.ts';
import type { SandboxReady } from './sandbox-process.ts';

/** What a TIP of the demo holds before anything is enriched. */
const COUNT = 5_000;
/** Controls that show all that a stand-in holds, whoever brought it; each has one of them. */
const SHOWN = ['holdings', 'held-artifacts'];

/** Has the stand-in of a TIP hold made-up observables, of others and its own, unless it holds any already. */
export async function fillTip(
  { urls, caFile }: SandboxReady,
  tip: string,
  { seed }: { readonly seed: number },
): Promise<void> {
  const http = createHttpClient({ ca: await readFile(caFile, 'utf8'), timeoutMs: 60_000, connections: 1 });
  const signal = AbortSignal.timeout(60_000);
  const at = `${urls.control}/tips/${tip}`;
  const headers = { 'content-type': 'application/json' };
  try {
    for (const shown of SHOWN) {
      const held = await http.send({ method: 'POST', url: `${at}/${shown}`, headers, body: '{}', signal });
      if (held.status === 200 && held.text.trim() !== '[]') return;
    }
    const body = JSON.stringify({ count: COUNT, seed });
    const { status } = await http.send({ method: 'POST', url: `${at}/artifacts`, headers, body, signal });
    if (status !== 200) throw new CommandError(`The sandbox has no artifacts of ${tip} to enrich.`, EXIT.usage);
  } finally {
    await http.close();
  }
}
