import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** As V8 writes it; times in microseconds. (Source: Chrome DevTools Protocol, Profiler.Profile.) */
const profileShape = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() }),
    }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});

export interface FunctionTime {
  /** `name file:line`; V8's own in parentheses. */
  readonly name: string;
  readonly seconds: number;
  /** Of the time in which the thread was not idle. */
  readonly share: number;
}

export interface ThreadProfile {
  readonly busySeconds: number;
  /** The functions with the most time of their own, most first. */
  readonly top: readonly FunctionTime[];
}

/** The profiles that `--cpu-prof` has left in a folder, one for each thread, the busiest first. */
export async function threadProfiles(folder: string, most: number): Promise<readonly ThreadProfile[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.cpuprofile'));
  const profiles = await Promise.all(
    files.map(async (name) => summaryOf(JSON.parse(await readFile(join(folder, name), 'utf8')), most)),
  );
  return profiles.toSorted((a, b) => b.busySeconds - a.busySeconds);
}

function summaryOf(json: unknown, most: number): ThreadProfile {
  const { nodes, samples, timeDeltas } = profileShape.parse(json);
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const times = new Map<string, number>();
  for (const [at, id] of samples.entries()) {
    const name = names.get(id) ?? '(unknown)';
    times.set(name, (times.get(name) ?? 0) + (timeDeltas[at] ?? 0) / 1_000_000);
  }
  const busy = [...times].filter(([name]) => name !== '(idle)');
  const busySeconds = busy.reduce((sum, [, seconds]) => sum + seconds, 0);
  return {
    busySeconds,
    top: busy
      .toSorted(([, a], [, b]) => b - a)
      .slice(0, most)
      .map(([name, seconds]) => ({ name, seconds, share: seconds / busySeconds })),
  };
}

/** The last two parts of the path are enough to find it: `ledger/record-slice.js`, or `undici/index.js`. */
function nameOf({ functionName, url, lineNumber }: { functionName: string; url: string; lineNumber: number }): string {
  if (url === '') return functionName === '' ? '(anonymous)' : functionName;
  const path = url
    .replace(/^node:/, 'node:/')
    .split('/')
    .slice(-2)
    .join('/');
  return `${functionName === '' ? '(anonymous)' : functionName} ${path}:${lineNumber + 1}`;
}
