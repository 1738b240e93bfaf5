import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Counts } from '../indicators/counts.ts';
import type { EnrichCounts } from '../indicators/enrich-counts.ts';

export type RunState = 'running' | 'paused' | 'blocked' | 'done';

/** What a run says of itself when it is asked; the same for a sync and for each of its windows. */
export interface Progress {
  readonly state: RunState;
  /** Why it is blocked and who can help, as a sentence. */
  readonly blocked: string | null;
  /** What a person should look at although the run goes on, as a sentence. */
  readonly warning: string | null;
  /** What it is doing now, in a few words. */
  readonly step: string;
  /** Windows of a sync, batches of a window. */
  readonly done: number;
  readonly total: number;
  readonly counts: Counts;
  /** Of a run that enriches: what it has done and how all stands; then `counts` are nothing, and `done` and `total` are batches. */
  readonly enriched?: EnrichCounts;
  /** When it will be done at the pace so far, as ISO 8601; null while too little is done to tell. */
  readonly expectedEnd: string | null;
  /** Workflow ids of what runs below it now. */
  readonly children: readonly string[];
}

export const progressQuery = defineQuery<Progress>('progress');

/** Lets what is under way end, and reads and delivers no more. */
export const pauseUpdate = defineUpdate<RunState>('pause');
/** Goes on after `pause`, or tries again at once when blocked. */
export const resumeUpdate = defineUpdate<RunState>('resume');
/** Batches that run side by side in each window, 1 to 100. */
export const setConcurrencyUpdate = defineUpdate<number, [number]>('setConcurrency');

/** How a sync passes its operator's wishes on to its windows. */
export const steerSignal = defineSignal<[Steering]>('steer');

export interface Steering {
  readonly paused: boolean;
  /** Null: what the pipeline's configuration says. */
  readonly lanes: number | null;
}
