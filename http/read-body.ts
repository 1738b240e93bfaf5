import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { createJsonShape } from './json-shape.ts';

/** A body of which no more was read: why goes on after "a reply that". */
export class TooMuch extends Error {
  override readonly name = 'TooMuch';
}

/**
 * The text of a body that is no larger than `most` bytes, on the wire and unpacked. One that is larger is read up to there, and its connection
 * is cut: an endless one ends, too. The Azure SDKs ask for packed answers, and leave the unpacking to whoever sends for them.
 */
export async function readBody(body: Readable, encoding: string, length: string, most: number): Promise<string> {
  const size = sized(most);
  if (Number(length) > most) {
    body.destroy();
    throw new TooMuch(`is larger than ${size}`);
  }
  let isEmpty = true;
  async function* upTo(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let bytes = 0;
    for await (const chunk of chunks) {
      bytes += chunk.byteLength;
      isEmpty &&= bytes === 0;
      if (bytes > most) throw new TooMuch(`is larger than ${size}`);
      yield chunk;
    }
  }
  const unpacker = unpackerOf(encoding);
  // Its errors come out of the reading below.
  const unpacked = unpacker === null ? body : pipeline(body, upTo, unpacker, () => undefined);
  const costly = createJsonShape();
  const kept = createBlocks();
  try {
    for await (const chunk of upTo(unpacked)) {
      const why = costly(chunk);
      if (why !== null) throw new TooMuch(why);
      kept.add(chunk);
    }
  } catch (error) {
    // Nothing is said to be packed by many a server, and is no packed text.
    if (!isEmpty || codeOf(error) !== 'Z_BUF_ERROR') throw error;
  } finally {
    body.destroy();
  }
  return new TextDecoder().decode(kept.all());
}

const BLOCK = 65_536;

/**
 * What is kept of a body, and nothing besides it: a chunk may be one byte of a large buffer that it came in, of which the rest is nowhere
 * counted, and there may be millions of them.
 */
function createBlocks() {
  const full: Uint8Array[] = [];
  let block = new Uint8Array(0);
  let used = 0;
  return {
    add(chunk: Uint8Array): void {
      for (let at = 0; at < chunk.byteLength; ) {
        if (used === block.byteLength) {
          full.push(block);
          block = new Uint8Array(BLOCK);
          used = 0;
        }
        const part = chunk.subarray(at, at + block.byteLength - used);
        block.set(part, used);
        used += part.byteLength;
        at += part.byteLength;
      }
    },
    all: (): Uint8Array => Buffer.concat([...full, block.subarray(0, used)]),
  };
}

function codeOf(error: unknown): unknown {
  return error instanceof Error ? Reflect.get(error, 'code') : undefined;
}

function unpackerOf(encoding: string) {
  switch (encoding.trim().toLowerCase()) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'deflate':
      return createInflate();
    case 'br':
      return createBrotliDecompress();
    default:
      return null;
  }
}

/** `64 MiB`, as a person wrote it. */
function sized(bytes: number): string {
  const kib = bytes / 1_024;
  return kib >= 1_024 ? `${Number((kib / 1_024).toFixed(1))} MiB` : `${Number(kib.toFixed(1))} KiB`;
}
