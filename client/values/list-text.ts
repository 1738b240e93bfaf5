import { createReadStream } from 'node:fs';
import { addAbortSignal, type Readable } from 'node:stream';

/** A hundred thousand values of the longest kind that people have many of. */
const LARGEST_BYTES = 32 * 1024 * 1024;

/** Why there is no list to read: a sentence, which says nothing of what it holds. */
export class UnusableList extends Error {
  override readonly name = 'UnusableList';
}

/**
 * The text of a file, or of standard input for `-`, without its byte order mark.
 *
 * @throws UnusableList
 */
export async function listText(file: string, stdin: Readable, signal: AbortSignal): Promise<string> {
  const name = listName(file);
  const source = file === '-' ? stdin : createReadStream(file);
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of addAbortSignal(signal, source)) {
      const piece = Buffer.from(chunk);
      bytes += piece.length;
      if (bytes > LARGEST_BYTES) {
        throw new UnusableList(`${name} has more than ${LARGEST_BYTES / 1024 / 1024} MiB: divide it.`);
      }
      chunks.push(piece);
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof UnusableList ? error : new UnusableList(`${name} ${whyUnread(error)}.`);
  }
  return decoded(Buffer.concat(chunks), name);
}

/** As sentences begin with it. */
export function listName(file: string): string {
  return file === '-' ? 'The list on standard input' : `The list ${file}`;
}

function decoded(bytes: Buffer, name: string): string {
  const nul = bytes.indexOf(0);
  if (nul !== -1) {
    throw new UnusableList(
      `${name} is no text in UTF-8 (byte ${nul + 1}): save a spreadsheet as CSV in UTF-8, and unpack an archive first.`,
    );
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UnusableList(`${name} is not text in UTF-8: save it as CSV, or text, in UTF-8.`);
  }
}

function whyUnread(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'is not there';
  if (code === 'EISDIR') return 'is a folder';
  return `cannot be read (${code}): see that this user may read it`;
}
