import { execFile } from 'node:child_process';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Scope } from '../bench/scope.ts';
import { sentenceOf } from './sentences.ts';

/** A disk of its own for an embedded ledger, small enough to be filled. */
export interface SmallDisk {
  readonly ledger: string;
  /** Leaves so many bytes free. */
  readonly fill: (free: number) => Promise<void>;
  readonly clear: () => Promise<void>;
}

const execute = promisify(execFile);
const PIECE = Buffer.alloc(64 * 1_024, 1);

/** A file system in memory, gone with the scope; a sentence where this process may not have one. */
export async function mountSmallDisk(scope: Scope, megabytes: number): Promise<SmallDisk | string> {
  if (process.platform !== 'linux') return 'a small disk is made on Linux only.';
  const folder = await mkdtemp(join(tmpdir(), 'mdti-sync-chaos-disk-'));
  scope.add(() => rm(folder, { recursive: true, force: true }));
  try {
    await execute('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]);
  } catch (error) {
    return `a small disk could not be mounted, which takes root: ${sentenceOf(error)}`;
  }
  scope.add(() => execute('umount', ['-l', folder]));
  const ballast = join(folder, 'ballast');
  return {
    ledger: join(folder, 'ledger'),
    async fill(free) {
      const file = await open(ballast, 'a');
      try {
        for (;;) await file.write(PIECE);
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
        const { size } = await file.stat();
        await file.truncate(Math.max(0, size - free));
      } finally {
        await file.close();
      }
    },
    clear: () => rm(ballast, { force: true }),
  };
}
