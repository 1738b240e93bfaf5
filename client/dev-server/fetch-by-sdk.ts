import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Fetched, FetchRequest } from './fetched.ts';
import { lastWords, runProgram } from './run-program.ts';

/** A slow line is given this long for some 50 MB. */
const LONGEST_MS = 300_000;
/** The download begins with the file that it fills; a firewall that swallows packets is not waited for. */
const UNTIL_IT_BEGINS_MS = 20_000;

/** Starts a server in memory and ends it: what stays is the binary. In a process of its own, since it sets up the SDK's runtime. */
const SCRIPT = `
const [testing, start, downloadDir] = process.argv.slice(1);
const { TestWorkflowEnvironment } = require(testing);
TestWorkflowEnvironment[start]({ server: { executable: { type: 'cached-download', downloadDir } } })
  .then((environment) => environment.teardown())
  .then(() => process.exit(0), (error) => process.stderr.write(error.message, () => process.exit(1)));
`;

/** Lets the Temporal SDK download the program, as its own tests do. */
export async function fetchBySdk({ program, folder, env, say }: FetchRequest): Promise<Fetched> {
  let testing: string;
  try {
    testing = createRequire(import.meta.url).resolve('@temporalio/testing');
  } catch {
    return { ok: false, why: 'the package @temporalio/testing is not installed' };
  }
  say(`Fetching ${program.called} with the Temporal SDK's own download (temporal.download).`);
  const late = new AbortController();
  const watch = setTimeout(() => {
    const stop = (files: readonly string[]) => {
      if (files.length === 0) late.abort();
    };
    readdir(folder).then(stop, () => undefined);
  }, UNTIL_IT_BEGINS_MS);
  const end = await runProgram(process.execPath, ['-e', SCRIPT, testing, program.startedBy, folder], {
    env,
    timeoutMs: LONGEST_MS,
    signal: late.signal,
  });
  clearTimeout(watch);
  if (late.signal.aborted)
    return { ok: false, why: `temporal.download did not answer within ${UNTIL_IT_BEGINS_MS / 1_000} s` };
  if (end.trouble !== null) return { ok: false, why: end.trouble };
  const binary = (await readdir(folder)).find((name) => name.startsWith('temporal') && !name.endsWith('.downloading'));
  if (binary !== undefined) return { ok: true, path: join(folder, binary) };
  return { ok: false, why: lastWords(end.stderr) || 'it left no binary' };
}
