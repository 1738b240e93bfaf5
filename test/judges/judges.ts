import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe } from 'vitest';
import type { z } from 'zod';

/** The Python programs that run what we did not write. */
type Script =
  | 'validate_stix.py'
  | 'opencti_ids.py'
  | 'misp_stix.py'
  | 'pymisp_models.py'
  | 'read_taxii.py'
  | 'serve_medallion.py'
  | 'serve_opentaxii.py';

const { JUDGES_FOLDER, XDG_CACHE_HOME } = process.env;
const FOLDER = JUDGES_FOLDER ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'mdti-sync', 'judges');

const REASON = 'the judges are not installed: run test/judges/make-environment.sh';

/** The judges' Python, or why there is none. */
export function judgesOrReason(folder = FOLDER): { readonly python: string } | { readonly reason: string } {
  const pythons = [pythonOf('requirements.txt', folder), pythonOf('requirements-pycti.txt', folder)];
  return pythons.every((python) => existsSync(python)) ? { python: pythons[0] ?? '' } : { reason: REASON };
}

/** A `describe` of tests that need judges: left out, with the reason in its name, where there are none. */
export function describeJudged(name: string, tests: () => void): void {
  const judges = judgesOrReason();
  const reason = 'reason' in judges ? judges.reason : null;
  describe.skipIf(reason !== null)(reason === null ? name : `${name} (${reason})`, tests);
}

/** Runs a script that reads JSON and writes JSON. */
export async function runJudge<T>(script: Script, input: unknown, answer: z.ZodType<T>): Promise<T> {
  const child = startJudge(script);
  child.stdin.end(JSON.stringify(input));
  const [said, complaints, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    }),
  ]);
  if (code !== 0) throw new Error(`${script} ended with ${String(code)}: ${complaints}`);
  return answer.parse(JSON.parse(said));
}

/** Starts a script of which the caller sees to the end. */
export function startJudge(script: Script, ...args: readonly string[]) {
  const python = pythonOf(script === 'opencti_ids.py' ? 'requirements-pycti.txt' : 'requirements.txt');
  return spawn(python, [join(import.meta.dirname, script), ...args], { env: plainEnvironment() });
}

/** As `make-environment.sh` names it. */
function pythonOf(requirements: string, folder = FOLDER): string {
  const list = readFileSync(join(import.meta.dirname, requirements));
  const digest = createHash('sha256').update(list).digest('hex').slice(0, 16);
  return join(folder, digest, 'bin', 'python');
}

/** Without what would have a client trust other authorities than it is told to, or go through a proxy to this machine. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const led =
    /^(REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|SSL_CERT_(FILE|DIR)|(HTTPS?|ALL)_PROXY|OPENTAXII_.*|PYTHON(PATH|HOME))$/i;
  const plain = Object.entries(process.env).filter(([name]) => !led.test(name));
  return { ...Object.fromEntries(plain), PYTHONUTF8: '1', PYTHONDONTWRITEBYTECODE: '1' };
}
