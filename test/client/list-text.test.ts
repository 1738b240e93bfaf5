import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listText } from '../../client/values/list-text.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mdti-sync-values-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const NONE = Readable.from([]);
const going = new AbortController().signal;

async function textOf(bytes: Uint8Array | string): Promise<string> {
  const file = join(folder, 'list.txt');
  await writeFile(file, bytes);
  return listText(file, NONE, going);
}

test('a file in UTF-8, with or without a byte order mark', async () => {
  expect(await textOf('\ufeffbücher.example.com\n')).toBe('bücher.example.com\n');
  expect(await textOf('')).toBe('');
});

test('standard input, in whatever pieces', async () => {
  const bytes = Buffer.from('bücher.example.com');
  const stdin = Readable.from([bytes.subarray(0, 2), bytes.subarray(2)]);
  expect(await listText('-', stdin, going)).toBe('bücher.example.com');
});

test('what is no text is told so, with what to do', async () => {
  await expect(textOf('PK\x03\x04\0\0')).rejects.toThrow(
    /list\.txt is no text in UTF-8 \(byte 5\): save a spreadsheet/,
  );
  await expect(textOf(Buffer.from([0xff, 0xfe, 0x61, 0x00]))).rejects.toThrow(/is no text in UTF-8/);
  await expect(textOf(Buffer.from('caf\xe9.example.com', 'latin1'))).rejects.toThrow(/is not text in UTF-8: save it/);
  await expect(textOf(Buffer.alloc(32 * 1024 * 1024 + 1, 0x61))).rejects.toThrow(/has more than 32 MiB: divide it/);
});

test('what is not there, or is no file', async () => {
  const missing = join(folder, 'missing.txt');
  await expect(listText(missing, NONE, going)).rejects.toThrow(`The list ${missing} is not there.`);
  await expect(listText(folder, NONE, going)).rejects.toThrow(`The list ${folder} is a folder.`);
});

test('whoever is interrupted waits no longer for standard input', async () => {
  const interrupt = new AbortController();
  const reading = listText('-', new Readable({ read: () => undefined }), interrupt.signal);
  interrupt.abort(new Error('Interrupted.'));
  await expect(reading).rejects.toThrow('Interrupted.');
});
