import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const runFile = promisify(execFile);

/** What a clone of the working copy has: what git knows of, and what is new and not ignored. */
async function filesOfClone(): Promise<readonly string[]> {
  const { stdout } = await runFile('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    maxBuffer: 2 ** 26,
  });
  const { stdout: gone } = await runFile('git', ['ls-files', '-z', '--deleted'], { maxBuffer: 2 ** 26 });
  const deleted = new Set(gone.split('\0'));
  return stdout.split('\0').filter((file) => file !== '' && !deleted.has(file));
}

/** Makes a clean clone there, as it is right after `npm ci`: nothing is built. */
export async function cleanClone(folder: string): Promise<void> {
  for (const file of await filesOfClone()) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await cp(file, join(folder, file));
  }
  await installedPackages(folder);
}

/** Puts the packages of this checkout into a folder, as hard links where the file system has them. */
export async function installedPackages(folder: string): Promise<void> {
  const to = join(folder, 'node_modules');
  await runFile('cp', ['-al', 'node_modules', to]).catch(() => runFile('cp', ['-a', 'node_modules', to]));
}

/** The environment of somebody who has just opened a terminal: nothing of npm's or of the test run's, and no network. */
export function freshEnvironment(home: string): NodeJS.ProcessEnv {
  const ofThisRun = /^(npm_|VITEST|NODE_ENV$|NODE_OPTIONS$|INIT_CWD$|TEMPORAL_|MDTI_SYNC_CONFIG$)/i;
  const inherited = Object.entries(process.env).filter(([name]) => !ofThisRun.test(name));
  return {
    ...Object.fromEntries(inherited),
    HOME: home,
    npm_config_cache: join(home, 'npm'),
    npm_config_offline: 'true',
    npm_config_update_notifier: 'false',
  };
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one line of shell to its end. */
export async function shell(
  line: string,
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<Ended> {
  const child = execFile('bash', ['-c', line], { ...options, maxBuffer: 2 ** 26 });
  child.stdin?.end();
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.on('data', (text: string) => {
    stderr += text;
  });
  const [code] = await once(child, 'close');
  return { code: typeof code === 'number' ? code : null, stdout, stderr };
}
