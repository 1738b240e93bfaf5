import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { freePort } from '../../client/dev-server/free-port.ts';
import { openStack } from './open-stack.ts';
import type { Stack } from './stack.ts';

let stack: Stack;
afterEach(() => stack.close());

/** In the worker's process: its first thread is the ledger's. SIGUSR2 ends that, and it says what is heard of its health then. */
const LOSING_ITS_LEDGER = `
  process.once('worker', (ledger) => {
    process.once('SIGUSR2', () => ledger.terminate());
    ledger.once('exit', async () => {
      const reply = await fetch('http://' + process.env.MDTI_SYNC_HEALTH_LISTEN + '/healthz');
      process.stderr.write('healthz ' + reply.status + ' ' + await reply.text());
    });
  });`;

test('a worker whose embedded ledger dies is not alive, ends with a sentence, and the next one goes on', async () => {
  const listen = `127.0.0.1:${await freePort()}`;
  stack = await openStack({
    sandbox: ['--indicators', '50'],
    env: { MDTI_SYNC_HEALTH_LISTEN: listen, MDTI_SYNC_METRICS_LISTEN: '' },
  });
  const worker = await stack.startWorker(['--import', `data:text/javascript,${encodeURIComponent(LOSING_ITS_LEDGER)}`]);
  await stack.sync();
  const ended = new Promise((resolve) => worker.child.once('close', resolve));
  worker.child.kill('SIGUSR2');
  expect(await ended).toBe(1);
  expect(worker.stderr()).toContain('healthz 503 {"alive":false,"reason":"The ledger has died."}');
  expect(worker.stderr()).toContain(
    `mdti-sync: The embedded ledger in ${join(stack.folder, 'ledger')} has died: its thread has ended with exit code 1. Start the worker again: it goes on from where it was.\n`,
  );

  await stack.startWorker();
  expect(await stack.sync()).toMatchObject({ new: 0, pending: 0 });
});
