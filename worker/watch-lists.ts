import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@temporalio/worker';
import type { ExclusionLists } from '../config/exclusion-lists.ts';
import type { Metrics } from './metrics.ts';

export interface ListWatch {
  readonly lists: ExclusionLists;
  readonly pipelines: readonly string[];
  readonly metrics: Pick<Metrics, 'staleLists'>;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly signal: AbortSignal;
}

/** A change is in force after the second look that finds it: within half a minute. */
const EVERY_MS = 10_000;

/**
 * Looks at the files of the exclusion lists until the signal aborts. One that is gone or of no use keeps its last good list, so that
 * nothing is delivered for the want of it; the log, the gauge and `status` say so for as long as that lasts.
 */
export async function watchLists(watch: ListWatch, everyMs = EVERY_MS): Promise<void> {
  const { lists, logger, signal } = watch;
  if (!lists.hasFiles) return;
  while (!signal.aborted) {
    await sleep(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
    if (signal.aborted) return;
    try {
      await lookOnce(watch, new Date());
    } catch (error) {
      logger.error('the files of the exclusion lists could not be looked at', { error });
    }
  }
}

/** One look, with what it has to tell. */
export async function lookOnce({ lists, pipelines, metrics, logger }: Omit<ListWatch, 'signal'>, now: Date) {
  for (const { file, problem, note } of await lists.look(now)) {
    if (problem !== null) logger.warn('the last good list of a file is kept in force', { file, problem });
    else logger.info('the list of a file is in force', { file, ...(note === null ? {} : { note }) });
  }
  for (const pipeline of pipelines) metrics.staleLists(pipeline, lists.stale(pipeline).length);
}
