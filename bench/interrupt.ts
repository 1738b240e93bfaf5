import { descendantsOf } from './process-cpu.ts';
import type { Scope } from './scope.ts';

const INTERRUPTED = 130;

/**
 * On Ctrl-C or SIGTERM ends all that was started, and then this process; at once on a second one. The result tells whether it is
 * at that: what is being measured then fails, since what it works with is gone.
 */
export function endAllOnSignal(scope: Scope): () => boolean {
  let isEnding = false;
  const end = async (): Promise<void> => {
    if (isEnding) process.exit(INTERRUPTED);
    isEnding = true;
    // A call that was waiting for its next try throws from a timer when its channel is closed.
    process.on('uncaughtException', () => undefined);
    process.stderr.write('Ending what was started; press Ctrl-C again to leave at once.\n');
    await scope.close();
    // What was about to be started is in no scope yet.
    for (const pid of await descendantsOf(process.pid).catch(() => [])) endProcess(pid);
    process.exit(INTERRUPTED);
  };
  process.on('SIGINT', () => void end());
  process.on('SIGTERM', () => void end());
  return () => isEnding;
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM');
  } catch {
    // It has ended by itself.
  }
}
