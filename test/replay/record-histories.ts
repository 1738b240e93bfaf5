import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkflowExecutionInfo } from '@temporalio/client';
import { type Stack, startStack } from '../e2e/stack.ts';
import { startHastyServer } from './hasty-server.ts';
import { writeHistory } from './recorded-history.ts';
import { configure, SCENARIOS, type Scenario } from './scenarios.ts';

const FOLDER = join(process.cwd(), 'test/replay/histories');

/** Runs every scenario against the sandbox on a real server, and writes the histories of its workflows. */
const only = process.argv.slice(2);
const scenarios = SCENARIOS.filter(({ name }) => only.length === 0 || only.includes(name));
await mkdir(FOLDER, { recursive: true });
const server = await startHastyServer();
try {
  for (const scenario of scenarios) await record(scenario, server.address);
} finally {
  await server.stop();
}
process.exit();

async function record(scenario: Scenario, address: string): Promise<void> {
  const stack = await startStack({ address, ...scenario.options });
  try {
    await configure(stack, scenario.pipeline ?? {});
    await stack.startWorker();
    await scenario.play(stack);
    for (const file of await readdir(FOLDER)) {
      if (file.startsWith(`${scenario.name}.`)) await rm(join(FOLDER, file));
    }
    for (const [type, count] of Object.entries(scenario.keep)) await writeRuns(stack, scenario.name, type, count);
  } finally {
    await stack.close();
  }
}

async function writeRuns(stack: Stack, scenario: string, type: string, count: number): Promise<void> {
  const { client } = stack.temporal;
  const names = { pipeline: stack.pipeline, as: 'recorded' };
  const runs: WorkflowExecutionInfo[] = [];
  const query = `WorkflowType = '${type}' and MdtiPipeline = '${stack.pipeline}'`;
  for await (const run of client.workflow.list({ query })) runs.push(run);
  if (runs.length < count) throw new Error(`The scenario ${scenario} has ${runs.length} of ${type}, not ${count}.`);
  runs.sort((one, other) => other.historyLength - one.historyLength);
  for (const [index, { workflowId, runId }] of runs.slice(0, count).entries()) {
    const file = `${scenario}.${type}.${index + 1}.json`;
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    await writeFile(join(FOLDER, file), writeHistory(workflowId, history, names));
    process.stderr.write(`${file}: ${history.events?.length ?? 0} events\n`);
  }
}
