import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';

/** The largest of MISP's has some 25 MB. */
const LARGEST_BYTES = 256 * 1024 * 1024;

/** A sentence, and how it ends for a person at the command line: with what stands in the file. */
export interface Quoting {
  readonly sentence: string;
  readonly end: string;
}

/** Why a file gives no list: sentences that begin with its name, without their full stops. The message says nothing of what it holds. */
export class UnusableFile extends Error {
  override readonly name = 'UnusableFile';
  readonly problems: readonly string[];

  constructor(...problems: readonly (string | Quoting)[]) {
    super(problems.map((problem) => (typeof problem === 'string' ? problem : problem.sentence)).join('\n'));
    this.problems = problems.map((problem) =>
      typeof problem === 'string' ? problem : `${problem.sentence}${problem.end}`,
    );
  }
}

/**
 * The text of a file, and which version of it that is.
 *
 * @throws UnusableFile
 */
export async function textOf(file: string): Promise<{ readonly text: string; readonly stamp: string }> {
  try {
    // What is a pipe or a device must not be waited for, nor read for ever.
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const found = await handle.stat();
      if (!found.isFile()) throw new UnusableFile(`${file} is no file`);
      if (found.size > LARGEST_BYTES)
        throw new UnusableFile(`${file} is larger than ${LARGEST_BYTES / 1024 / 1024} MiB`);
      return { text: decoded(await handle.readFile(), file), stamp: stampFrom(found) };
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw error instanceof UnusableFile ? error : new UnusableFile(notRead(file, error));
  }
}

/**
 * Which version of a file is there: another one after each write, and when another file is put in its place.
 *
 * @throws UnusableFile when none is.
 */
export async function stampOf(file: string): Promise<string> {
  try {
    return stampFrom(await stat(file));
  } catch (error) {
    throw new UnusableFile(notRead(file, error));
  }
}

function stampFrom(found: { ino: number; size: number; mtimeMs: number; ctimeMs: number }): string {
  return [found.ino, found.size, found.mtimeMs, found.ctimeMs].join(' ');
}

function notRead(file: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
  if (code === 'ENOENT') return `the file ${file} is not there`;
  return `the file ${file} cannot be read (${code}): see that this user may read it`;
}

function decoded(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UnusableFile(`${file} is not text in UTF-8`);
  }
}
