import { readFile } from 'node:fs/promises';

export interface Memory {
  /** Resident now, in MB. */
  readonly now: number;
  /** The most that was ever resident, in MB, as the kernel has kept it. */
  readonly peak: number;
}

/** A process's resident memory (Linux). */
export async function memoryOf(pid: number): Promise<Memory> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return { now: megabytes(status, 'VmRSS'), peak: megabytes(status, 'VmHWM') };
}

function megabytes(status: string, name: string): number {
  const kilobytes = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1];
  if (kilobytes === undefined) throw new Error(`The kernel tells no ${name} of this process.`);
  return Number(kilobytes) / 1_024;
}

/** Samples resident memory until `stop`, and gives the median of the second half: what it settles at. */
export function watchMemory(pid: number, everyMs = 1_000): { readonly stop: () => number } {
  const samples: number[] = [];
  const timer = setInterval(() => {
    memoryOf(pid).then(
      ({ now }) => samples.push(now),
      () => clearInterval(timer),
    );
  }, everyMs);
  return {
    stop() {
      clearInterval(timer);
      const settled = samples.slice(Math.floor(samples.length / 2)).toSorted((a, b) => a - b);
      return settled[Math.floor(settled.length / 2)] ?? 0;
    },
  };
}
