import { setTimeout as sleep } from 'node:timers/promises';
import { descendantsOf } from '../../bench/process-cpu.ts';
import type { Trouble } from '../trouble.ts';

/** Temporal dies, or is ended in order, and is back some seconds later with the state that it had written down. */
export const restartTemporal: Trouble = async ({ temporal, say, troubles }, draw) => {
  await sleep(draw.between(200, 3_000));
  const signal = draw.pick<'SIGKILL' | 'SIGTERM'>(['SIGKILL', 'SIGTERM']);
  const downMs = draw.between(0, 4_000);
  say(`${signal} of Temporal, away for ${downMs} ms`);
  troubles.add(`Temporal ${signal} and restart`);
  await temporal.restart(signal, downMs);
};

export const freezeTemporal: Trouble = async ({ temporal, say, troubles }, draw) => {
  await sleep(draw.between(200, 3_000));
  const forMs = draw.between(1_000, 12_000);
  say(`SIGSTOP of Temporal for ${forMs} ms`);
  troubles.add('Temporal SIGSTOP');
  await temporal.freeze(forMs);
};

/** PostgreSQL breaks all connections off, and is back some seconds later. */
export const restartPostgres: Trouble = async ({ postgres, say, troubles }, draw) => {
  await sleep(draw.between(200, 3_000));
  const downMs = draw.between(0, 4_000);
  say(`PostgreSQL is restarted, away for ${downMs} ms`);
  troubles.add('PostgreSQL restart');
  await postgres?.stop();
  await sleep(downMs);
  await postgres?.start();
};

/** All of its processes stop doing anything: connections stay, and nothing is answered. */
export const freezePostgres: Trouble = async ({ postgres, say, troubles }, draw) => {
  if (postgres === null) return;
  await sleep(draw.between(200, 3_000));
  const forMs = draw.between(1_000, 10_000);
  say(`SIGSTOP of PostgreSQL for ${forMs} ms`);
  troubles.add('PostgreSQL SIGSTOP');
  const pids = [postgres.pid(), ...(await descendantsOf(postgres.pid()))];
  for (const pid of pids) signalled(pid, 'SIGSTOP');
  await sleep(forMs);
  for (const pid of pids) signalled(pid, 'SIGCONT');
};

/** One of its processes may have ended meanwhile. */
function signalled(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

const KILOBYTE = 1_024;

/** The disk of the embedded ledger is full, or nearly, and has room again some seconds later. */
export const fillDisk: Trouble = async ({ disk, say, troubles }, draw) => {
  await sleep(draw.between(0, 1_500));
  const free = draw.pick([0, 8, 64, 300]) * KILOBYTE;
  const forMs = draw.between(2_000, 8_000);
  say(`the disk has ${free} bytes left for ${forMs} ms`);
  troubles.add('disk full');
  await disk?.fill(free);
  await sleep(forMs);
  await disk?.clear();
};
