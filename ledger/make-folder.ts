import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Who made a folder of ours goes into it, and nobody else. */
export const PRIVATE_FOLDER = 0o700;

/**
 * Makes a folder, and those that are missing above it, for their owner alone. Node's own `recursive` turns for ever where the parent is there and takes no folder
 * all the same, as /proc does (nodejs/node, `MKDirpAsync`). Throws the system's error, see `folderTrouble`.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: PRIVATE_FOLDER });
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await mkdir(path, { mode: PRIVATE_FOLDER }).catch(async (again: unknown) => {
      if (codeOf(again) !== 'EEXIST' || !(await stat(path)).isDirectory()) throw again;
    });
  }
}

const TROUBLES: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'its file system cannot be written to',
  EEXIST: 'there is a file of that name',
  ENOTDIR: 'a part of its path is a file',
  ENOENT: 'its file system takes no new files',
  ENOSPC: 'the disk is full',
  ENAMETOOLONG: 'its name is too long',
};

/** Why a folder could not be made or written to; the rest of a sentence. */
export function folderTrouble(error: unknown): string {
  const code = codeOf(error);
  return `${TROUBLES[code] ?? 'the system refuses it'} (${code})`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
