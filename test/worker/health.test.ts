import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';
import { freePort } from '../../client/dev-server/free-port.ts';
import { type Health, serveHealth } from '../../worker/health.ts';

const host = '127.0.0.1';
let health: Health | null = null;
let other: Server | null = null;
afterEach(async () => {
  await health?.close();
  health = null;
  other?.close();
  other = null;
});

async function served(
  notReady: () => Promise<string | null>,
  notAlive: () => string | null = () => null,
): Promise<string> {
  const port = await freePort();
  health = await serveHealth({ host, port }, notReady, notAlive);
  return `http://${host}:${port}`;
}

async function get(url: string): Promise<{ status: number; body: string }> {
  const reply = await fetch(url);
  return { status: reply.status, body: await reply.text() };
}

test('a process that answers is alive, whether it is ready or not', async () => {
  const url = await served(async () => 'The worker is starting.');
  expect(await get(`${url}/healthz`)).toEqual({ status: 200, body: '{"alive":true}\n' });
  expect(await get(`${url}/readyz`)).toEqual({
    status: 503,
    body: '{"ready":false,"reason":"The worker is starting."}\n',
  });
});

test('a process without what it cannot do without is not alive, and says why', async () => {
  const url = await served(
    async () => null,
    () => 'The ledger has died.',
  );
  expect(await get(`${url}/healthz`)).toEqual({
    status: 503,
    body: '{"alive":false,"reason":"The ledger has died."}\n',
  });
});

test('ready is asked anew each time, and those who ask together share the answer', async () => {
  const answers: ((reason: string | null) => void)[] = [];
  const url = await served(
    () =>
      new Promise((resolve) => {
        answers.push(resolve);
      }),
  );
  // Two requests in one packet: they are there together.
  const socket = connect(Number(new URL(url).port), host);
  socket.write(
    'GET /readyz?1 HTTP/1.1\r\nhost: a\r\n\r\nGET /readyz?2 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n',
  );
  await expect.poll(() => answers.length).toBe(1);
  answers[0]?.(null);
  expect((await text(socket)).match(/HTTP\/1.1 200/g)).toHaveLength(2);
  const later = get(`${url}/readyz`);
  await expect.poll(() => answers.length).toBe(2);
  answers[1]?.('The ledger does not answer.');
  expect((await later).status).toBe(503);
});

test('a check that fails is not ready, and keeps its words to itself', async () => {
  const url = await served(() => Promise.reject(new Error('password authentication failed for user "x"')));
  const { status, body } = await get(`${url}/readyz`);
  expect(status).toBe(503);
  expect(body).not.toContain('password');
});

test('anything else is not there', async () => {
  const url = await served(async () => null);
  expect((await get(`${url}/metrics`)).status).toBe(404);
  expect((await fetch(`${url}/healthz`, { method: 'POST' })).status).toBe(405);
});

test('an address that is taken is named, with the setting', async () => {
  const port = await freePort();
  other = createServer();
  await new Promise<void>((resolve) => other?.listen(port, host, resolve));
  await expect(serveHealth({ host, port }, async () => null)).rejects.toThrow(
    new RegExp(`^127\\.0\\.0\\.1:${port} cannot be listened on \\(.*EADDRINUSE.*worker\\.health\\.listen`),
  );
});
