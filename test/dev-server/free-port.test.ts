import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { freePort } from '../../client/dev-server/free-port.ts';

test('a free port can be listened on and is none that an outgoing connection gets', async () => {
  for (let turn = 0; turn < 20; turn += 1) {
    const port = await freePort();
    expect(port).toBeLessThan(32_768);
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    await new Promise((resolve) => server.close(resolve));
  }
});
