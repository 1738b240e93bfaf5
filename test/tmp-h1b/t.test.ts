import { it } from 'vitest';
import { startSandbox } from '/work/main/sandbox/sandbox.ts';
import { createHttpClient } from '/work/main/http/undici-client.ts';
it('x', async () => {
  let t = performance.now(); const lap = (n: string) => { console.log(n, performance.now() - t); t = performance.now(); };
  const s = await startSandbox({ indicators: 0 }); lap('start');
  const s2 = await startSandbox({ indicators: 0 }); lap('start2');
  const h = createHttpClient({ ca: s.ca, timeoutMs: 10000, connections: 4 }); lap('client');
  await h.send({ method: 'GET', url: s.urls.threatstream + '/api/v2/intelligence/', signal: new AbortController().signal }); lap('send');
  await h.close(); lap('close'); await s.close(); await s2.close(); lap('close');
});
