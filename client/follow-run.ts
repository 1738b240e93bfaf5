import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import type { Counts } from '../indicators/counts.ts';
import type { Progress } from '../workflows/handles.ts';
import type { Temporal } from './connect.ts';
import { progressOf } from './running-runs.ts';

export type RunEnd =
  | { readonly kind: 'completed'; readonly counts: Counts }
  /** The run goes on: it waits for a person. */
  | { readonly kind: 'blocked'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string };

export interface RunProgress extends Progress {
  /** The windows that are under way, with what they say of themselves. */
  readonly windows: readonly Progress[];
}

/** How often a run is asked how far it is. */
const ASK_EVERY_MS = 500;

/** Watches a run until it ends, or until it is blocked and waits for a person. */
export async function followRun(
  temporal: Temporal,
  workflowId: string,
  onProgress: (progress: RunProgress) => void,
  signal: AbortSignal,
): Promise<RunEnd> {
  // Waiting for the end is a call that stays open: it must not outlive the following.
  const following = new AbortController();
  const ended = temporal.connection.withAbortSignal(following.signal, () =>
    endOf(temporal.client.workflow.getHandle(workflowId)),
  );
  // When the following stops first, nobody is left to hear how the call ended.
  ended.catch(() => undefined);
  try {
    return await follow(temporal, workflowId, ended, onProgress, signal);
  } finally {
    following.abort();
  }
}

async function follow(
  temporal: Temporal,
  workflowId: string,
  ended: Promise<RunEnd>,
  onProgress: (progress: RunProgress) => void,
  signal: AbortSignal,
): Promise<RunEnd> {
  while (!signal.aborted) {
    const progress = await progressOf(temporal, workflowId);
    if (progress !== null) {
      const windows = await Promise.all(progress.children.map((id) => progressOf(temporal, id)));
      onProgress({ ...progress, windows: windows.filter((window) => window !== null) });
      if (progress.state === 'blocked') return { kind: 'blocked', reason: progress.blocked ?? 'It does not say why.' };
    }
    const end = await Promise.race([ended, sleep(ASK_EVERY_MS, null)]);
    if (end !== null) return end;
  }
  throw signal.reason;
}

async function endOf(handle: WorkflowHandle): Promise<RunEnd> {
  try {
    const counts: Counts = await handle.result();
    return { kind: 'completed', counts };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    return { kind: 'failed', reason: error.cause?.message ?? error.message };
  }
}
