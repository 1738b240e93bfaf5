import { chmod, lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';

const OTHERS = 0o077;

/**
 * Takes a folder, and what is in it, from all but its owner. What belongs to somebody else, or lies on a file system without
 * permissions, stays as it is: whoever set that up decided it. Links are not followed.
 */
export async function makePrivate(path: string): Promise<void> {
  const there = await lstat(path).catch(() => null);
  if (there === null) return;
  if (!there.isDirectory() && !there.isFile()) return;
  if ((there.mode & OTHERS) !== 0) await chmod(path, there.mode & ~OTHERS & 0o777).catch(() => undefined);
  if (!there.isDirectory()) return;
  const names = await readdir(path).catch(() => []);
  for (const name of names) await makePrivate(join(path, name));
}

type Options = Parameters<NodeFS['init']>[1];

/** Of Emscripten's file system: all that makes a file or a folder, or sets its permissions, comes through these. */
interface Making {
  mknod: (path: string, mode: number, device: number) => unknown;
  chmod: (path: unknown, mode: number, isLink?: boolean) => unknown;
}

/**
 * The folder of a database, in which everything is made for its owner alone. PGlite makes some files readable to all, and sets their
 * permissions itself, whatever the umask.
 */
export class PrivateFolder extends NodeFS {
  override async init(pglite: PGlite, options: Options): Promise<{ emscriptenOpts: Options }> {
    const { emscriptenOpts } = await super.init(pglite, options);
    const mask = ({ FS: made }: { readonly FS: Making }): void => {
      const { mknod, chmod: change } = made;
      made.mknod = (path, mode, device) => mknod(path, mode & ~OTHERS, device);
      made.chmod = (path, mode, isLink) => change(path, mode & ~OTHERS, isLink);
    };
    return { emscriptenOpts: { ...emscriptenOpts, preRun: [mask, ...(emscriptenOpts.preRun ?? [])] } };
  }
}
