import { readFileSync } from 'node:fs';
import { cpus, platform, release, totalmem } from 'node:os';
import { z } from 'zod';

/** Where and with what the figures were measured. */
export interface Machine {
  readonly date: string;
  readonly processors: string;
  readonly memoryGib: number;
  readonly system: string;
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
    versions: {
      'mdti-sync': version,
      Node: process.versions.node,
      '@temporalio/worker': dependencies['@temporalio/worker'] ?? 'unknown',
      PGlite: (dependencies['@electric-sql/pglite'] ?? 'unknown').replace('^', ''),
    },
  };
}

export function machineLine({ date, processors, memoryGib, system, versions }: Machine): string {
  const all = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `${date}; ${processors}, ${memoryGib} GiB, ${system}; ${all.join(', ')}. Everything (Temporal, sandbox, ledger, workers) runs on this machine.`;
}
