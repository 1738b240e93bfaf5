import { type Disk, realDisk } from '../../destinations/file/disk.ts';

/** The process has been killed: nothing that it does comes to anything any more. */
export class Killed extends Error {}

/** When it happens: instead of a step, in the middle of it, or just after it. */
export const MOMENTS = ['before', 'within', 'after'] as const;
export type Moment = (typeof MOMENTS)[number];

/** The machine's disk, used by a process that is killed at its n-th step, the first being 0; `steps` have been begun. */
export function mortalDisk(killedAt: number, moment: Moment): Disk & { readonly steps: () => number } {
  let steps = 0;
  let isDead = false;
  const step = async <T>(work: () => Promise<T>, half: () => Promise<unknown> = async () => undefined): Promise<T> => {
    if (isDead) throw new Killed();
    const isLast = steps === killedAt;
    steps += 1;
    if (!isLast) return work();
    isDead = true;
    if (moment === 'within') await half();
    if (moment === 'after') await work();
    throw new Killed();
  };
  return {
    steps: () => steps,
    makeFolder: (path) => step(() => realDisk.makeFolder(path)),
    openFolder: (path) => step(() => realDisk.openFolder(path)),
    write: (path, bytes, mode) =>
      step(
        () => realDisk.write(path, bytes, mode),
        () => realDisk.write(path, bytes.subarray(0, bytes.length / 2), mode),
      ),
    rename: (from, to) => step(() => realDisk.rename(from, to)),
    remove: (path) => step(() => realDisk.remove(path)),
    sync: (folder) => step(() => realDisk.sync(folder)),
    read: (path, longest) => step(() => realDisk.read(path, longest)),
    names: (folder) => step(() => realDisk.names(folder)),
    changedAt: (path) => step(() => realDisk.changedAt(path)),
  };
}

/** The machine's disk, on which a step fails as the system has it. */
export function failingDisk(
  step: 'makeFolder' | 'write' | 'rename' | 'read',
  code: string,
  isMet: (path: string) => boolean = () => true,
): Disk {
  const disk = mortalDisk(-1, 'before');
  const fail = async (path: string): Promise<void> => {
    if (isMet(path)) throw Object.assign(new Error('The system says no.'), { code });
  };
  return {
    ...disk,
    makeFolder: async (path) => {
      if (step === 'makeFolder') await fail(path);
      return disk.makeFolder(path);
    },
    write: async (path, ...rest) => {
      if (step === 'write') await fail(path);
      return disk.write(path, ...rest);
    },
    rename: async (from, to) => {
      if (step === 'rename') await fail(to);
      return disk.rename(from, to);
    },
    read: async (path, longest) => {
      if (step === 'read') await fail(path);
      return disk.read(path, longest);
    },
  };
}
