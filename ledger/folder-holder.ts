import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { z } from 'zod';
import { answers } from './live-socket.ts';

const holderSchema = z.object({
  /** Of this hold; its socket is named for it. */
  id: z.string(),
  pid: z.int(),
  host: z.string(),
  /** The boot of the kernel that the process runs on, else the host again. */
  machine: z.string(),
  /** When the process started, in the kernel's own count: ids of processes are used again. */
  started: z.string().nullable(),
  /** Ids of processes mean something within it alone: each container has its own. */
  pidNamespace: z.string().nullable(),
  /** Whether it listens on a socket in the folder. */
  listens: z.boolean(),
  since: z.string(),
});

/** The process that holds a folder. */
export type Holder = z.infer<typeof holderSchema>;

export function thisProcess(id: string, listens: boolean): Holder {
  return {
    id,
    pid: process.pid,
    host: hostname(),
    machine: machine(),
    started: startOf('self'),
    pidNamespace: pidNamespace(),
    listens,
    since: new Date().toISOString(),
  };
}

/** Null when the text is not of a holder: it has let go, or the machine went down before it was on the disk. */
export function holderOf(text: string): Holder | null {
  try {
    return holderSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

export function socketOf({ id }: Pick<Holder, 'id'>): string {
  return `${id}.socket`;
}

/** Whether a holder is still there; `unknown` when nothing on this machine can tell. */
export async function standingOf(holder: Holder, folder: string): Promise<'alive' | 'gone' | 'unknown'> {
  if (await answers(folder, socketOf(holder))) return 'alive';
  // The same host, started anew, has none of its processes left; another one may be at work.
  if (holder.machine !== machine()) return holder.host === hostname() ? 'gone' : 'unknown';
  if (holder.listens) return 'gone';
  if (holder.pidNamespace !== pidNamespace()) return 'unknown';
  return runs(holder) ? 'alive' : 'gone';
}

function runs({ pid, started }: Holder): boolean {
  if (started !== null) return startOf(pid) === started;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && Reflect.get(error, 'code') === 'EPERM';
  }
}

function machine(): string {
  return orNull(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()) ?? hostname();
}

function pidNamespace(): string | null {
  return orNull(() => readlinkSync('/proc/self/ns/pid'));
}

/** Field 22 of `/proc/PID/stat`; the name in the second one may have blanks and brackets. (Source: proc_pid_stat(5).) */
function startOf(pid: number | 'self'): string | null {
  return orNull(() => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  });
}

/** Only Linux has these files. */
function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}
