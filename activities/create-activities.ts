import { answer } from './answer.ts';
import { closeWindow } from './close-window.ts';
import { confirm } from './confirm.ts';
import { deliver } from './deliver.ts';
import { extract } from './extract.ts';
import { withFaultBoundary } from './fault-boundary.ts';
import { formBatches } from './form-batches.ts';
import type { Parts } from './parts.ts';
import { plan } from './plan.ts';
import { readWindow } from './read-window.ts';
import { releaseWindows } from './release-windows.ts';
import { score } from './score.ts';

/** The activities that a worker registers, each bound to the parts that it needs. */
export function createActivities(parts: Parts) {
  const bind = <I, O>(name: string, step: (parts: Parts, input: I) => Promise<O>): ((input: I) => Promise<O>) =>
    withFaultBoundary(name, (input) => step(parts, input));
  return {
    plan: bind('plan', plan),
    readWindow: bind('readWindow', readWindow),
    extract: bind('extract', extract),
    formBatches: bind('formBatches', formBatches),
    score: bind('score', score),
    deliver: bind('deliver', deliver),
    confirm: bind('confirm', confirm),
    closeWindow: bind('closeWindow', closeWindow),
    releaseWindows: bind('releaseWindows', releaseWindows),
    answer: bind('answer', answer),
  };
}

export type Activities = ReturnType<typeof createActivities>;
