import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { endWithUs } from './end-with-us.ts';

export interface ServerExit {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface ServerProcess {
  readonly pid: number;
  readonly exited: Promise<ServerExit>;
  /** Asks it to end, and ends it when it does not within ten seconds. Can be called again. */
  stop(): Promise<void>;
}

const GRACE_MS = 10_000;

/** What is started within makes files that are its owner's alone. */
function privately<T>(start: () => T): T {
  const before = process.umask(0o077);
  try {
    return start();
  } finally {
    process.umask(before);
  }
}

/**
 * Starts a program that goes on until it is stopped, with its output in a file. It has a process group of its own: a Ctrl-C at the
 * terminal reaches this process only, which then can stop it last. It ends with this process at the latest.
 */
export async function startProcess(
  binary: string,
  args: readonly string[],
  logFile: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<ServerProcess> {
  const log = await open(logFile, 'a', 0o600);
  try {
    const child = privately(() =>
      spawn(binary, args, { env, stdio: ['ignore', log.fd, log.fd], detached: true, windowsHide: true }),
    );
    const exited = new Promise<ServerExit>((resolve) => {
      child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    const pid = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('spawn', () => resolve(child.pid ?? 0));
    });
    void exited.then(endWithUs(pid));
    const stop = async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
      await exited;
      clearTimeout(late);
    };
    return { pid, exited, stop };
  } finally {
    await log.close();
  }
}
