import { chmod, lstat, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';

const OTHERS = 0o077;
const OTHERS_WRITE = 0o022;
const STICKY = 0o1000;

/** At the top of a file system of its own. */
const NOBODYS = 'lost+found';

/**
 * Takes a folder, and what is in it, from all but its owner. What belongs to somebody else, or lies on a file system without
 * permissions, stays as it is: whoever set that up decided it. Links are not followed, but to the folder itself. Beside what is not ours
 * (a path like /tmp, or a home), ours alone is taken, and from the folder only that others write there, where it is not made for that.
 */
export async function makePrivate(path: string, isOurs: (name: string) => boolean): Promise<void> {
  const names = await readdir(path);
  const ours = names.filter(isOurs);
  const folder = await stat(path);
  const isAlone = names.every((name) => isOurs(name) || name === NOBODYS);
  if (isAlone) await take(path, folder, OTHERS);
  else if ((folder.mode & STICKY) === 0) await take(path, folder, OTHERS_WRITE);
  for (const name of ours) await takeAll(join(path, name));
}

async function takeAll(path: string): Promise<void> {
  const there = await lstat(path).catch(() => null);
  if (there === null || (!there.isDirectory() && !there.isFile())) return;
  await take(path, there, OTHERS);
  if (!there.isDirectory()) return;
  const names = await readdir(path).catch(() => []);
  for (const name of names) await takeAll(join(path, name));
}

async function take(path: string, { mode }: { readonly mode: number }, rights: number): Promise<void> {
  if ((mode & rights) !== 0) await chmod(path, mode & ~rights & 0o7777).catch(() => undefined);
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
