import { readdir, readFile } from 'node:fs/promises';

/** Linux tells times in these; the kernel's USER_HZ is 100 on every architecture that Node.js runs on. */
const TICKS_A_SECOND = 100;

interface ProcessTimes {
  readonly pid: number;
  readonly parent: number;
  /** Its own time, and that of children that have ended and were waited for. */
  readonly ticks: number;
}

/** Processor seconds, in user and kernel mode, that a process and all below it have used so far (Linux). */
async function processorSeconds(pid: number): Promise<number> {
  const all = await allTimes();
  const family = familyOf(pid, all);
  return family.reduce((sum, { ticks }) => sum + ticks, 0) / TICKS_A_SECOND;
}

/** The processes below one, its children's children too. */
export async function descendantsOf(pid: number): Promise<readonly number[]> {
  return familyOf(pid, await allTimes())
    .map((each) => each.pid)
    .filter((each) => each !== pid);
}

function familyOf(pid: number, all: readonly ProcessTimes[]): readonly ProcessTimes[] {
  const found = all.filter((each) => each.pid === pid);
  for (const { pid: parent } of found) found.push(...all.filter((each) => each.parent === parent));
  return found;
}

async function allTimes(): Promise<readonly ProcessTimes[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const times = await Promise.all(pids.map(timesOf));
  return times.filter((each) => each !== null);
}

/** Null for a process that has ended meanwhile. */
async function timesOf(pid: string): Promise<ProcessTimes | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (stat === null) return null;
  // The name, in parentheses, may hold anything; what follows it is numbers. (Source: proc_pid_stat(5).)
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const field = (number: number): number => Number(fields[number - 3]);
  return { pid: Number(pid), parent: field(4), ticks: field(14) + field(15) + field(16) + field(17) };
}

/** Processes by what they are called, such as `worker` or `sandbox`. */
export type Processes = Readonly<Record<string, number>>;

/** Begins to count; the result tells the processor seconds of each since. */
export async function countProcessorTime(
  processes: Processes,
): Promise<() => Promise<Readonly<Record<string, number>>>> {
  const tell = async (): Promise<Readonly<Record<string, number>>> =>
    Object.fromEntries(
      await Promise.all(
        Object.entries(processes).map(async ([name, pid]) => [name, await processorSeconds(pid)] as const),
      ),
    );
  const before = await tell();
  return async () => {
    const after = await tell();
    return Object.fromEntries(Object.entries(after).map(([name, seconds]) => [name, seconds - (before[name] ?? 0)]));
  };
}
