import type { Temporal } from '../../client/connect.ts';
import { scheduleId } from '../../workflows/names.ts';

export interface RecordedText {
  /** Where it was found: a workflow's id and the part of it. */
  readonly at: string;
  readonly text: string;
}

/**
 * All that Temporal keeps and shows of a pipeline: of every workflow its history, its description (memo, search attributes, summary,
 * pending activities with their heartbeats and failures) and its current details, and its schedule. Payloads are decoded.
 */
export async function recordedTexts(
  { client }: Temporal,
  pipeline: string,
  /** Of which workflows. Default: the pipeline's own */
  query = `MdtiPipeline = '${pipeline}'`,
): Promise<readonly RecordedText[]> {
  const texts: RecordedText[] = [];
  const add = (at: string, thing: unknown): void => {
    for (const text of textsIn(thing)) texts.push({ at, text });
  };
  for await (const { workflowId, runId } of client.workflow.list({ query })) {
    const handle = client.workflow.getHandle(workflowId, runId);
    add(`${workflowId}: history`, await handle.fetchHistory());
    add(`${workflowId}: description`, (await handle.describe()).raw);
    add(`${workflowId}: details`, await handle.query('__temporal_workflow_metadata'));
    if (/^(?:sync|enrich)\//.test(workflowId)) add(`${workflowId}: progress`, await progress(handle));
  }
  add('schedule', (await client.schedule.getHandle(scheduleId(pipeline)).describe()).raw);
  return texts;
}

/** A batch has no such query. */
async function progress(handle: { query: (name: string) => Promise<unknown> }): Promise<unknown> {
  try {
    return await handle.query('progress');
  } catch {
    return null;
  }
}

/** Every string in it, names included; bytes are read as UTF-8, which the payloads of this project are. */
export function* textsIn(thing: unknown): Generator<string> {
  if (typeof thing === 'string') yield thing;
  else if (thing instanceof Uint8Array) yield Buffer.from(thing).toString('utf8');
  else if (Array.isArray(thing)) for (const item of thing) yield* textsIn(item);
  else if (typeof thing === 'object' && thing !== null) {
    for (const [name, value] of Object.entries(thing)) {
      yield name;
      yield* textsIn(value);
    }
  }
}
