import { constants } from 'node:fs';
import { lstat, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';

/** What is done with a folder, step by step: each is done, or throws the system's error. */
export interface Disk {
  /** Makes it for its owner alone if it is missing; what is above it has to be there. */
  makeFolder(path: string): Promise<void>;
  /** Throws where it is no folder. */
  openFolder(path: string): Promise<void>;
  /** A new file, whole and on the medium. */
  write(path: string, bytes: Buffer, mode: number): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Does nothing where there is none. */
  remove(path: string): Promise<void>;
  /** Has the names in the folder be on the medium, too. */
  sync(folder: string): Promise<void>;
  /** `other`: it is no plain file, or is longer. Links are not followed. */
  read(path: string, longest: number): Promise<Buffer | 'missing' | 'other'>;
  names(folder: string): Promise<readonly string[]>;
  /** When it was written last; null when it is not there. */
  changedAt(path: string): Promise<Date | null>;
}

/** File systems on which names cannot be asked to be on the medium by themselves, as shares of Windows. */
const NO_SYNC: ReadonlySet<string> = new Set(['EINVAL', 'ENOTSUP', 'EISDIR', 'EPERM', 'ENOSYS']);

export const realDisk: Disk = {
  async makeFolder(path) {
    try {
      await mkdir(path, { mode: 0o700 });
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    await this.openFolder(path);
  },
  async openFolder(path) {
    if ((await stat(path)).isDirectory()) return;
    throw Object.assign(new Error('It is no folder.'), { code: 'ENOTDIR' });
  },
  async write(path, bytes, mode) {
    const file = await open(path, 'wx', mode);
    try {
      // Whatever the umask.
      await file.chmod(mode);
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
  },
  rename,
  async remove(path) {
    await rm(path, { force: true });
  },
  async sync(folder) {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } catch (error) {
      if (!NO_SYNC.has(codeOf(error))) throw error;
    } finally {
      await handle.close();
    }
  },
  async read(path, longest) {
    try {
      const there = await lstat(path);
      if (!there.isFile() || there.size > longest) return 'other';
      const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
      try {
        return await file.readFile();
      } finally {
        await file.close();
      }
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return 'missing';
      if (codeOf(error) === 'ELOOP') return 'other';
      throw error;
    }
  },
  names: readdir,
  async changedAt(path) {
    try {
      return (await lstat(path)).mtime;
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return null;
      throw error;
    }
  },
};

/** The system's, such as `ENOSPC`; empty for an error of another kind. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
