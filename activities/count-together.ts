import type { Window } from '../indicators/window.ts';
import type { KeptCount } from '../ledger/kept-answer.ts';
import { addCount, keepCount } from '../ledger/kept-answers.ts';
import type { PlannedWindow } from '../ledger/windows.ts';
import type { Counted } from '../sentinel/sentinel-reader.ts';
import { askOnce } from './ask-once.ts';
import type { Parts, Pipeline } from './parts.ts';
import { readingKey } from './reading-key.ts';
import { settledAt } from './settled-window.ts';

/** Counts a window's rows, or takes the count of another pipeline that has the same window. */
export async function countTogether(
  parts: Parts,
  pipeline: Pipeline,
  window: PlannedWindow,
  ask: () => Promise<Counted>,
): Promise<Counted> {
  const { ledger } = parts;
  if (pipeline.readsWith.length === 0) return ask();
  const question = { source: readingKey(pipeline), of: { from: window.readFrom, to: window.to } };
  return askOnce<Counted>(
    parts,
    pipeline,
    { windowId: window.id, question },
    {
      ask,
      async keep({ rows, clock, emptyWorkspace }, by) {
        // That a workspace has never had any data, each has to believe for itself.
        if (emptyWorkspace || !hasBegun(window, clock, pipeline)) return false;
        await keepCount(ledger, question, by, { rows, clock });
        return true;
      },
      async use({ answer }) {
        if (!('rows' in answer) || !hasBegun(window, answer.clock, pipeline)) return null;
        return { ...answer, emptyWorkspace: false };
      },
    },
  );
}

/** A window that had to be cut, is as it was cut for the others, too, and their count is this one. */
export async function countedInPart(
  { ledger, now }: Parts,
  pipeline: Pipeline,
  of: Window,
  counted: KeptCount,
): Promise<void> {
  if (pipeline.readsWith.length > 0) await addCount(ledger, { source: readingKey(pipeline), of }, counted, now());
}

/** A count from before the window began says nothing: whoever waits for that has to ask again. */
function hasBegun(window: Window, clock: string | null, { settleMs }: Pipeline): boolean {
  return clock === null || settledAt(clock, settleMs).getTime() > Date.parse(window.from);
}
