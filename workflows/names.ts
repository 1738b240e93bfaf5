/**
 * Ids are readable and derived, never random: the same window of the same run always meets the same ids. Another run has others for
 * it, so that it can take the window over from one that is paused.
 */
export function windowWorkflowId(runId: string, from: string): string {
  return `${runId}/w/${shortTime(from)}`;
}

export function batchWorkflowId(windowId: string, batch: number): string {
  return `${windowId}/b/${batch}`;
}

export function backfillWorkflowId(pipeline: string, from: string, to: string): string {
  return `backfill/${pipeline}/${shortTime(from)}..${shortTime(to)}`;
}

export function scheduleId(pipeline: string): string {
  return `mdti-sync/${pipeline}`;
}

/** The schedule appends the time at which it started the run. */
export function syncWorkflowId(pipeline: string): string {
  return `sync/${pipeline}`;
}

/** The same of a pipeline that enriches. */
export function enrichWorkflowId(pipeline: string): string {
  return `enrich/${pipeline}`;
}

/** What a question is about, for people: those about values of a person's own are of no pipeline, and say nothing of the values. */
export function questionName({ kind, pipeline }: { readonly kind: string; readonly pipeline: string | null }): string {
  return pipeline === null ? kind : `${kind} of ${pipeline}`;
}

/** `2026-11-24T08:00:00.000Z` as people write it. */
export function shortTime(iso: string): string {
  return iso.replace('.000Z', 'Z');
}
