import proto from '@temporalio/proto';
import { z } from 'zod';
import { type Names, scrubbed } from './scrubbed.ts';

const { History } = proto.temporal.api.history.v1;
type History = proto.temporal.api.history.v1.History;
type IHistory = proto.temporal.api.history.v1.IHistory;

const event = z.record(z.string(), z.json());
const recorded = z.object({ workflowId: z.string(), history: z.object({ events: z.array(event) }) });
/** A history as it stands in a file: protobuf's own JSON, with enumerations by name and bytes in base64. */
export type RecordedHistory = z.infer<typeof recorded>;

/** The file's text, an event a line, so that a difference shows where it is. */
export function writeHistory(workflowId: string, history: IHistory, names: Names): string {
  const message = History.fromObject(history);
  const plain = { workflowId, history: History.toObject(message, { longs: String, enums: String, bytes: String }) };
  const clean = recorded.parse(scrubbed(z.json().parse(JSON.parse(JSON.stringify(plain))), names));
  const events = clean.history.events.map((one) => JSON.stringify(one));
  return `{"workflowId":${JSON.stringify(clean.workflowId)},"history":{"events":[\n${events.join(',\n')}\n]}}\n`;
}

export function readHistory(text: string): RecordedHistory {
  return recorded.parse(JSON.parse(text));
}

/** As a worker replays it. */
export function replayable({ workflowId, history }: RecordedHistory): { workflowId: string; history: History } {
  return { workflowId, history: History.fromObject(history) };
}
