import { Readable } from 'node:stream';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HttpClient, ReplyBound } from '../../http/http-client.ts';
import { readBody } from '../../http/read-body.ts';
import { createHttpClient } from '../../http/undici-client.ts';
import { faultFrom } from './fault-from.ts';
import { type Answer, type LoopbackApi, startLoopbackApi } from './loopback-api.ts';

const KIB = 1_024;
const MIB = 1_024 * KIB;
/** What a server has written before it hears that nobody reads: in the buffers of both sides' sockets and streams. */
const ON_ITS_WAY = 16 * MIB;
const BOUND: ReplyBound = { bytes: MIB, setting: 'mdti.maxReply' };

let api: LoopbackApi;
let client: HttpClient;

beforeEach(async () => {
  api = await startLoopbackApi();
  client = createHttpClient({ ca: api.ca, timeoutMs: 60_000, connections: 2, replies: BOUND });
});
afterEach(async () => {
  await client.close();
  await api.close();
});

function get(from: HttpClient = client) {
  return from.send({ method: 'GET', url: `${api.url}/evil.example`, signal: new AbortController().signal });
}

/** A body of so many mebibytes, the same chunk again and again, and how much of it was asked for. */
function growingBody(mebibytes: number, chunk: Uint8Array = new Uint8Array(64 * KIB).fill(0x2e)) {
  const sent = { bytes: 0, isOver: false };
  async function* body(): AsyncGenerator<Uint8Array> {
    try {
      while (sent.bytes < mebibytes * MIB) {
        sent.bytes += chunk.byteLength;
        yield chunk;
      }
    } finally {
      sent.isOver = true;
    }
  }
  return { sent, body: body() };
}

describe('a reply', () => {
  it('of hundreds of megabytes is read up to its bound, and its connection is cut there', async () => {
    const { sent, body } = growingBody(400);
    api.behave(() => ({ status: 200, body }));
    const fault = await faultFrom(get());
    expect(fault.kind).toBe('Unavailable');
    expect(fault.message).toBe(
      `${new URL(api.url).host} answered 200 with a reply that is larger than 1 MiB, which is read no further: ` +
        'raise mdti.maxReply if its answers are meant to be so large, else see what answers there.',
    );
    await expect.poll(() => sent.isOver).toBe(true);
    expect(sent.bytes).toBeLessThan(BOUND.bytes + ON_ITS_WAY);
  });

  it('that never ends is over at its bound', async () => {
    const { sent, body } = growingBody(Number.POSITIVE_INFINITY);
    api.behave(() => ({ status: 200, headers: { 'transfer-encoding': 'chunked' }, body }));
    expect((await faultFrom(get())).kind).toBe('Unavailable');
    await expect.poll(() => sent.isOver).toBe(true);
  });

  it('that says how large it is, is not read at all', async () => {
    const { sent, body } = growingBody(400);
    api.behave(() => ({ status: 200, headers: { 'content-length': String(400 * MIB) }, body }));
    expect((await faultFrom(get())).message).toContain('larger than 1 MiB');
    await expect.poll(() => sent.isOver).toBe(true);
    expect(sent.bytes).toBeLessThan(ON_ITS_WAY);
  });

  it('of just its bound is read', async () => {
    api.behave(() => ({ status: 200, body: '.'.repeat(BOUND.bytes) }));
    expect((await get()).text).toHaveLength(BOUND.bytes);
    api.behave(() => ({ status: 200, body: '.'.repeat(BOUND.bytes + 1) }));
    expect((await faultFrom(get())).message).toContain('larger than 1 MiB');
  });

  it('is bounded where no setting says so, too', async () => {
    const { sent, body } = growingBody(400);
    api.behave(() => ({ status: 200, body }));
    const plain = createHttpClient({ ca: api.ca, timeoutMs: 60_000, connections: 2 });
    expect((await faultFrom(get(plain))).message).toContain('larger than 64 MiB, which is read no further: see what');
    await expect.poll(() => sent.isOver).toBe(true);
    expect(sent.bytes).toBeLessThan(64 * MIB + ON_ITS_WAY);
    await plain.close();
  });

  it('that is too large is TooLarge where asking for less helps, and a failure never is', async () => {
    const halving = createHttpClient({
      ca: api.ca,
      timeoutMs: 60_000,
      connections: 2,
      replies: { ...BOUND, beyond: 'TooLarge' },
    });
    api.behave(() => ({ status: 200, body: '.'.repeat(2 * MIB) }));
    expect((await faultFrom(get(halving))).kind).toBe('TooLarge');
    api.behave(() => ({ status: 502, body: '.'.repeat(2 * MIB) }));
    expect(await faultFrom(get(halving))).toMatchObject({
      kind: 'Unavailable',
      message: expect.stringContaining('answered 502'),
    });
    await halving.close();
  });
});

const PACKERS = [
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
] as const;

describe('a reply in small pieces', () => {
  it('keeps nothing alive but its own bytes, however large the buffers are that they came in', async () => {
    const text = 'tést'.repeat(50_000);
    const bytes = Buffer.from(text);
    const given: Buffer[] = [];
    async function* pieces(): AsyncGenerator<Buffer> {
      for (let at = 0; at < bytes.byteLength; at += 1 + (at % 7)) {
        const piece = Buffer.from(bytes.subarray(at, at + 1 + (at % 7)));
        given.push(piece);
        yield piece;
      }
      // Whoever still looks into them sees that.
      for (const piece of given.slice(0, -50)) piece.fill(0);
    }
    expect(await readBody(Readable.from(pieces()), '', '', MIB)).toBe(text);
  });

  it.each([0, 1, 65_535, 65_536, 65_537, 200_000])('of %i bytes is whole', async (size) => {
    const text = Array.from({ length: size }, (_, at) => String.fromCharCode(97 + (at % 26))).join('');
    const pieces = [text.slice(0, 1), text.slice(1, 70_000), text.slice(70_000)].map((piece) => Buffer.from(piece));
    expect(await readBody(Readable.from(pieces), '', '', MIB)).toBe(text);
  });
});

describe('a packed reply', () => {
  it.each(PACKERS)('in %s is unpacked', async (encoding, pack) => {
    const text = JSON.stringify({ said: 'tést'.repeat(1_000) });
    api.behave(() => ({ status: 200, headers: { 'content-encoding': encoding }, body: pack(text) }));
    expect((await get()).text).toBe(text);
  });

  it.each(PACKERS)('in %s is bounded by what it unpacks to', async (encoding, pack) => {
    const body = pack(new Uint8Array(8 * MIB).fill(0x2e));
    expect(body.byteLength).toBeLessThan(BOUND.bytes);
    api.behave(() => ({ status: 200, headers: { 'content-encoding': encoding }, body }));
    expect((await faultFrom(get())).message).toContain('larger than 1 MiB');
  });

  it('that unpacks to nothing is bounded by what it takes on the wire', async () => {
    // Blocks of deflate that are stored, empty, and not the last.
    const empty = new Uint8Array(5 * 16_384).map((_, at) => (at % 5 === 3 || at % 5 === 4 ? 0xff : 0));
    const { sent, body } = growingBody(Number.POSITIVE_INFINITY, empty);
    async function* packed(): AsyncGenerator<Uint8Array> {
      yield Uint8Array.of(0x78, 0x9c);
      yield* body;
    }
    api.behave(() => ({ status: 200, headers: { 'content-encoding': 'deflate' }, body: packed() }));
    expect((await faultFrom(get())).message).toContain('larger than 1 MiB');
    await expect.poll(() => sent.isOver).toBe(true);
  });

  it.each(PACKERS)('in %s of nothing is nothing', async (encoding) => {
    api.behave(() => ({ status: 200, headers: { 'content-encoding': encoding }, body: '' }));
    expect((await get()).text).toBe('');
  });

  it.each(PACKERS)('in %s that is cut or is something else is Unavailable, and says so', async (encoding, pack) => {
    const body = pack('.'.repeat(10_000));
    for (const broken of [body.subarray(0, 8), body.toReversed()]) {
      api.behave(() => ({ status: 200, headers: { 'content-encoding': encoding }, body: broken }));
      expect(await faultFrom(get())).toMatchObject({
        kind: 'Unavailable',
        message: expect.stringMatching(/answered with a reply that cannot be unpacked \(\w+\): /),
      });
    }
  });
});

describe('a reply that is small and costly', () => {
  const large: ReplyBound = { bytes: 64 * MIB, setting: 'mdti.maxReply' };
  it.each<[string, () => Answer['body'], string]>([
    ['lists in lists', () => '['.repeat(MIB), 'is nested more than 200 levels deep'],
    ['objects in objects', () => '{"a":'.repeat(MIB), 'is nested more than 200 levels deep'],
    ['millions of empty objects', () => `[${'{},'.repeat(4 * MIB)}{}]`, 'has more than 4,000,000 values'],
    ['millions of numbers', () => `[${'1,'.repeat(5 * MIB)}1]`, 'has more than 4,000,000 values'],
  ])('to parse, as %s, is read no further', async (_, body, why) => {
    const roomy = createHttpClient({ ca: api.ca, timeoutMs: 60_000, connections: 2, replies: large });
    api.behave(() => ({ status: 200, body: body() ?? '' }));
    expect(await faultFrom(get(roomy))).toMatchObject({ kind: 'Unavailable', message: expect.stringContaining(why) });
    await roomy.close();
  });

  it('only by what is JSON in it: texts may hold any characters', async () => {
    const text = JSON.stringify({ text: '[{,"\\'.repeat(30_000), list: [1, 2] });
    api.behave(() => ({ status: 200, body: text }));
    expect((await get()).text).toBe(text);
  });

  it('in its headers is Unavailable', async () => {
    api.behave(() => ({ status: 200, headers: { 'x-log': '.'.repeat(MIB) }, body: '{}' }));
    const fault = await faultFrom(get());
    expect(fault.kind).toBe('Unavailable');
    expect(fault.message).toContain('UND_ERR_HEADERS_OVERFLOW');
  });
});
