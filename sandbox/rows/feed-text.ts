import { isUtf8 } from 'node:buffer';
import { readFile, stat } from 'node:fs/promises';

/** A feed is kept in memory, as all rows of a sandbox are. */
const MOST_BYTES = 256 * 1024 * 1024;

/** `why` is the rest of a sentence that begins with the file. */
export type FeedText = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly why: string };

/** The text of a file in UTF-8, or in UTF-16 as spreadsheets save it, without its byte order mark. */
export async function readFeedText(file: string): Promise<FeedText> {
  let bytes: Buffer;
  try {
    const found = await stat(file);
    if (found.isDirectory()) return no('it is a folder, and not a file');
    if (!found.isFile()) return no('it is no regular file; save what comes from it in one first');
    if (found.size > MOST_BYTES) return no(`it has more than ${MOST_BYTES / 1024 / 1024} MiB`);
    bytes = await readFile(file);
  } catch (error) {
    return no(troubleOf(error));
  }
  if (bytes.length === 0) return no('it is empty');
  return decoded(bytes);
}

function decoded(bytes: Buffer): FeedText {
  const utf16 = utf16Of(bytes);
  if (utf16 !== null) {
    try {
      return { ok: true, text: new TextDecoder(utf16, { fatal: true }).decode(bytes) };
    } catch {
      return no('it begins as text in UTF-16 and does not go on as such');
    }
  }
  const nul = bytes.indexOf(0);
  if (nul !== -1) return no(`line ${lineAt(bytes, nul)} is no text; save a spreadsheet or an archive as CSV first`);
  if (isUtf8(bytes)) return { ok: true, text: new TextDecoder().decode(bytes) };
  return no(`line ${badLine(bytes)} is no text in UTF-8; save it as CSV in UTF-8`);
}

function utf16Of(bytes: Buffer): 'utf-16le' | 'utf-16be' | null {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  return bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : null;
}

const LF = 0x0a;

function lineAt(bytes: Buffer, position: number): number {
  return bytes.subarray(0, position).reduce((lines, byte) => (byte === LF ? lines + 1 : lines), 1);
}

/** No character of UTF-8 but the line's end itself has the byte that ends a line. */
function badLine(bytes: Buffer): number {
  let line = 1;
  for (let begin = 0; begin < bytes.length; line += 1) {
    const end = bytes.indexOf(LF, begin);
    if (!isUtf8(bytes.subarray(begin, end === -1 ? bytes.length : end))) return line;
    if (end === -1) break;
    begin = end + 1;
  }
  return line;
}

function troubleOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'there is no such file';
  if (code === 'EACCES' || code === 'EPERM') return `this user may not read it (${code})`;
  return `reading it failed (${code})`;
}

function no(why: string): FeedText {
  return { ok: false, why };
}
