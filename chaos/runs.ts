import type { World } from './world.ts';

export interface Run {
  readonly workflowId: string;
  readonly runId: string;
  readonly type: string;
  readonly status: { readonly name: string };
}

/** All of all pipelines, children too; not the questions to the ledger. */
export async function* runsOf({ stack, pipelines }: World): AsyncGenerator<Run> {
  for (const { name } of pipelines) {
    const query = `MdtiPipeline = '${name}' and WorkflowType != 'ask'`;
    yield* stack.temporal.client.workflow.list({ query });
  }
}
