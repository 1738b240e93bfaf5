import {
  allHandlersFinished,
  condition,
  continueAsNew,
  executeChild,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { ArtifactsCounted } from '../activities/count-artifacts.ts';
import { NOTHING } from '../indicators/counts.ts';
import {
  type EnrichCounts,
  type EnrichDone,
  NO_ARTIFACTS,
  NOTHING_DONE,
  sinceThen,
} from '../indicators/enrich-counts.ts';
import { enrichBatch } from './enrich-batch.ts';
import { type Failed, failedWith, failure } from './failures.ts';
import type { RunState, Steering } from './handles.ts';
import { runLanes } from './lanes.ts';
import { batchWorkflowId } from './names.ts';
import { confirmArtifacts, countArtifacts, formArtifacts, judgeArtifacts, readArtifacts } from './proxies.ts';
import { MdtiDelivered, MdtiPipeline, MdtiRejected, MdtiState } from './search-attributes.ts';
import { steerRun } from './steered-run.ts';
import { weightier } from './window-state.ts';

export interface EnrichInput {
  readonly pipeline: string;
  readonly carried?: Carried;
}

interface Carried {
  /** What had ever been done when the run began. */
  readonly before: EnrichDone;
  readonly steering: Steering;
  readonly shown: RunState | null;
  readonly batches: number;
}

/** Of a thousand observables each: what is read is worked through before more is read. */
const PAGES_A_ROUND = 20;
/** A run that always finds something new leaves it to the next one. */
const MOST_ROUNDS = 1_000;

/**
 * One scheduled run: reads what the TIP holds and what has changed there, looks up what is behind it, writes back what MDTI says of it, and sees to
 * it that it shows.
 */
export async function enrich({ pipeline, carried }: EnrichInput): Promise<EnrichCounts> {
  let before = carried?.before ?? null;
  let counts: EnrichCounts = { ...NOTHING_DONE, ...NO_ARTIFACTS };
  let step = 'reading';
  let done = carried?.batches ?? 0;
  let total = done;
  let failed: Failed | null = null;
  let started = done;
  /** More was to be done than went into the parts of this round. */
  let isMore = false;
  const { steering, shown, show, isBlocked, untilAllowed } = steerRun({
    pipeline,
    steering: carried?.steering ?? { paused: false, lanes: null },
    shown: carried?.shown ?? null,
    progress: () => ({
      warning: null,
      step,
      done,
      total,
      counts: NOTHING,
      enriched: counts,
      expectedEnd: null,
      children: [],
    }),
    isDone: () => step === 'done',
    isBusy: () => total > 0,
    // What it starts is over within minutes: it ends, and nothing else is begun.
    passOn: async () => undefined,
  });

  const tell = ({ done: ever, standing }: ArtifactsCounted): void => {
    before ??= ever;
    counts = { ...sinceThen(before, ever), ...standing };
    show();
  };
  const count = async (): Promise<void> => {
    const summary = 'count what is done';
    tell(await untilAllowed('count', () => countArtifacts.executeWithOptions({ summary }, [{ pipeline }])));
  };

  /** Works through the parts of a step. What fails for one keeps no other. */
  const inParts = async (to: 'judge' | 'write', work: (one: PartOf) => Promise<void>): Promise<number> => {
    const { open, lanes, counted, isCut } = await untilAllowed(to, () =>
      formArtifacts.executeWithOptions(
        { summary: to === 'judge' ? 'what is to be looked up or judged anew' : 'what is to be written' },
        [{ pipeline, to }],
      ),
    );
    isMore ||= isCut === true;
    total += open.length;
    tell(counted);
    const waiting = [...open];
    await runLanes({
      width: () => steering().lanes ?? lanes,
      open: () => !steering().paused && !isBlocked(),
      next: () => waiting.shift(),
      async work(one) {
        try {
          await work(one);
        } catch (error) {
          failed = weightier(failed, failedWith(error));
        }
        done += 1;
        show();
      },
    });
    return open.length;
  };

  const judge = async ({ part, items }: PartOf): Promise<void> => {
    const summary = `look up and judge ${items.toLocaleString('en')} artifacts`;
    await untilAllowed(`judge ${part}`, () => judgeArtifacts.executeWithOptions({ summary }, [{ pipeline, part }]));
  };

  const write = async ({ part, items, besides = 0 }: PartOf): Promise<void> => {
    started += 1;
    const workflowId = batchWorkflowId(workflowInfo().workflowId, started);
    await untilAllowed(workflowId, () =>
      executeChild(enrichBatch, {
        workflowId,
        args: [{ pipeline, part, items, besides }],
        staticSummary: `${pipeline}: write back ${items.toLocaleString('en')} artifacts`,
        typedSearchAttributes: [{ key: MdtiPipeline, value: pipeline }],
      }),
    );
  };

  await count();
  for (let round = 1; ; round += 1) {
    await condition(() => !steering().paused);
    step = 'reading';
    isMore = false;
    show();
    const { isEnd } = await untilAllowed('read', () =>
      readArtifacts.executeWithOptions({ summary: 'read what the TIP holds, and what has changed' }, [
        { pipeline, pages: PAGES_A_ROUND },
      ]),
    );
    step = 'looking up';
    const judged = await inParts('judge', judge);
    step = 'writing';
    const written = await inParts('write', write);
    await count();
    if (failed !== null) break;
    if (isEnd && judged + written === 0 && counts.pending === 0) break;
    if (isEnd && counts.pending > 0) {
      step = 'waiting until what was written shows';
      show();
      await untilAllowed('confirm', () =>
        confirmArtifacts.executeWithOptions({ summary: 'wait until what was written shows' }, [{ pipeline }]),
      );
      await count();
    }
    if (isEnd && ((counts.pending === 0 && !isMore) || round >= MOST_ROUNDS)) break;
    if (!workflowInfo().continueAsNewSuggested) continue;
    await condition(allHandlersFinished);
    const at = { before: before ?? NOTHING_DONE, steering: steering(), shown: shown(), batches: done };
    return continueAsNew<typeof enrich>({ pipeline, carried: at });
  }
  await condition(allHandlersFinished);
  step = 'done';
  if (shown() !== null) {
    upsertSearchAttributes([
      { key: MdtiState, value: 'done' },
      { key: MdtiDelivered, value: counts.confirmed },
      { key: MdtiRejected, value: counts.setAside },
    ]);
  }
  show();
  throwIf(failed);
  return counts;
}

interface PartOf {
  readonly part: number;
  readonly items: number;
  readonly besides?: number;
}

function throwIf(failed: Failed | null): void {
  if (failed === null) return;
  throw failure({ type: failed.type, message: `${failed.message} The next run takes up what is left.` });
}
