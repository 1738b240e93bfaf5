import type { Temporal } from '../client/connect.ts';

export interface Histories {
  readonly workflows: number;
  readonly events: number;
  readonly bytes: number;
  readonly largestEvents: number;
  readonly largestBytes: number;
}

/** The histories of all workflow runs of a pipeline, as the server counts them. */
export async function historiesOf({ client }: Temporal, pipeline: string): Promise<Histories> {
  const sum = { workflows: 0, events: 0, bytes: 0, largestEvents: 0, largestBytes: 0 };
  for await (const { historyLength, historySize } of client.workflow.list({ query: `MdtiPipeline = '${pipeline}'` })) {
    sum.workflows += 1;
    sum.events += historyLength;
    sum.bytes += historySize ?? 0;
    sum.largestEvents = Math.max(sum.largestEvents, historyLength);
    sum.largestBytes = Math.max(sum.largestBytes, historySize ?? 0);
  }
  return sum;
}
