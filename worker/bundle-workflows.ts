import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';

/** Part of the build: the workflow code as one file, so that a worker starts without a compiler. One more for those with a build id. */
for (const [entry, bundle] of [
  ['index', 'workflow-bundle'],
  ['versioned', 'versioned-workflow-bundle'],
]) {
  const { code } = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL(`../workflows/${entry}.js`, import.meta.url)),
    logger: { log() {}, trace() {}, debug() {}, info() {}, warn: report, error: report },
  });
  await writeFile(new URL(`./${bundle}.js`, import.meta.url), code);
}

function report(message: string): void {
  process.stderr.write(`${message}\n`);
}
