import { readFileSync } from 'node:fs';
import { cpus, loadavg, platform, release, totalmem } from 'node:os';
import { z } from 'zod';

/** Where and with what the figures were measured. */
export interface Machine {
  readonly date: string;
  readonly processors: string;
  readonly memoryGib: number;
  readonly system: string;
  /** Of the minute before: what others do takes from what is measured. */
  readonly loadBefore: number;
  readonly versions: Readonly<Record<string, string>>;
}

const packageShape = z.object({ version: z.string(), dependencies: z.record(z.string(), z.string()) });

export function thisMachine(): Machine {
  const { version, dependencies } = packageShape.parse(
    JSON.parse(readFileSync(`${process.cwd()}/package.json`, 'utf8')),
  );
  return {
    date: new Date().toISOString().slice(0, 10),
    processors: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
    memoryGib: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()}`,
    loadBefore: loadavg()[0] ?? 0,
    versions: {
      'mdti-sync': version,
      Node: process.versions.node,
      '@temporalio/worker': dependencies['@temporalio/worker'] ?? 'unknown',
      PGlite: (dependencies['@electric-sql/pglite'] ?? 'unknown').replace('^', ''),
    },
  };
}

export function machineLine({ date, processors, memoryGib, system, loadBefore, versions }: Machine): string {
  const all = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `${date}; ${processors}, ${memoryGib} GiB, ${system}; ${all.join(', ')}. Everything (Temporal, sandbox, ledger, workers) runs on this machine, whose load was ${loadBefore.toFixed(1)} before.`;
}
