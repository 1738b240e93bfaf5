import type { Checked } from './program.ts';
import { lastWords, runProgram } from './run-program.ts';

/** The dev server of older ones lacks settings that `startDevServer` gives. */
const OLDEST = [1, 5] as const;

/** Whether this is a `temporal` that runs here and is new enough. */
export async function checkTemporal(path: string, env: Readonly<Record<string, string | undefined>>): Promise<Checked> {
  const { code, stdout, stderr, trouble } = await runProgram(path, ['--version'], { env, timeoutMs: 30_000 });
  if (trouble !== null) return { ok: false, why: `does not run: ${trouble}` };
  const [, version, major, minor] = /^temporal version v?((\d+)\.(\d+)\.\S+)/m.exec(stdout) ?? [];
  if (code !== 0 || version === undefined) {
    return {
      ok: false,
      why: `does not say its version as the Temporal CLI does (exit code ${code}, "${lastWords(stdout || stderr)}")`,
    };
  }
  const tooOld = Number(major) < OLDEST[0] || (Number(major) === OLDEST[0] && Number(minor) < OLDEST[1]);
  return tooOld
    ? { ok: false, why: `is version ${version}, and ${OLDEST.join('.')} or later is needed` }
    : { ok: true, path, version };
}
