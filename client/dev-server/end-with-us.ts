import { spawn } from 'node:child_process';

/** Waits for the end of its input, which comes when the process that holds the other end is gone, however it went. */
const WATCH = 'cat >/dev/null; kill -TERM "$1" 2>/dev/null';

/**
 * Sees to it that a process ends when this one does, even when this one is killed. Call the result when the process has ended by
 * itself: its number could be another's later.
 */
export function endWithUs(pid: number): () => void {
  const endNow = () => {
    try {
      process.kill(pid, 'SIGTERM');
    } catch {
      // It has ended already.
    }
  };
  process.once('exit', endNow);
  const release = () => process.off('exit', endNow);
  if (process.platform === 'win32') return release;
  const watcher = spawn('/bin/sh', ['-c', WATCH, 'sh', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  // Without a shell, an exit that is not a kill still ends it.
  watcher.once('error', () => undefined);
  watcher.stdin.once('error', () => undefined);
  watcher.unref();
  if ('unref' in watcher.stdin && typeof watcher.stdin.unref === 'function') watcher.stdin.unref();
  return () => {
    release();
    watcher.kill('SIGKILL');
    watcher.stdin.destroy();
  };
}
