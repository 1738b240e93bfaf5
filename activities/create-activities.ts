import { answer } from './answer.ts';
import { closeWindow } from './close-window.ts';
import { confirm } from './confirm.ts';
import { confirmArtifacts } from './confirm-artifacts.ts';
import { countArtifacts } from './count-artifacts.ts';
import { deliver } from './deliver.ts';
import { extract } from './extract.ts';
import { withFaultBoundary } from './fault-boundary.ts';
import { formArtifacts } from './form-artifacts.ts';
import { formBatches } from './form-batches.ts';
import { type Step, windowKeeper } from './hold-windows.ts';
import { judgeArtifacts } from './judge-artifacts.ts';
import { liftPauses } from './lift-pauses.ts';
import { orderBatches } from './order-batches.ts';
import type { Parts } from './parts.ts';
import { plan } from './plan.ts';
import { readArtifacts } from './read-artifacts.ts';
import { readWindow } from './read-window.ts';
import { releaseWindows } from './release-windows.ts';
import { score } from './score.ts';
import type { Owned } from './window-ref.ts';
import { writeArtifacts } from './write-artifacts.ts';

/** The activities that a worker registers, each bound to the parts that it needs. */
export function createActivities(parts: Parts) {
  const { longestRetryAfterMs } = parts;
  const keeper = windowKeeper(parts.ledger);
  const bind = <I, O>(name: string, step: (parts: Parts, input: I) => Promise<O>): ((input: I) => Promise<O>) =>
    withFaultBoundary(name, (input) => step(parts, input), { longestRetryAfterMs });
  /** Of a run that is at work on windows: they stay its own while its steps are. */
  const owned = <I extends Omit<Step, 'owner'>, O>(
    name: string,
    step: (parts: Parts, input: Owned<I>) => Promise<O>,
  ): ((input: Owned<I>) => Promise<O>) =>
    withFaultBoundary<Owned<I>, O>(name, (input) => keeper.during(input, () => step(parts, input)), {
      longestRetryAfterMs,
      beforeRetry: (input, delayMs) => keeper.until(input, delayMs),
    });
  return {
    plan: owned('plan', plan),
    readWindow: owned('readWindow', readWindow),
    extract: owned('extract', extract),
    formBatches: owned('formBatches', formBatches),
    score: owned('score', score),
    orderBatches: owned('orderBatches', orderBatches),
    deliver: owned('deliver', deliver),
    confirm: owned('confirm', confirm),
    closeWindow: owned('closeWindow', closeWindow),
    releaseWindows: bind('releaseWindows', releaseWindows),
    readArtifacts: bind('readArtifacts', readArtifacts),
    formArtifacts: bind('formArtifacts', formArtifacts),
    judgeArtifacts: bind('judgeArtifacts', judgeArtifacts),
    writeArtifacts: bind('writeArtifacts', writeArtifacts),
    confirmArtifacts: bind('confirmArtifacts', confirmArtifacts),
    countArtifacts: bind('countArtifacts', countArtifacts),
    liftPauses: bind('liftPauses', liftPauses),
    answer: bind('answer', answer),
  };
}

export type Activities = ReturnType<typeof createActivities>;
