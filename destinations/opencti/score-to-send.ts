import type { OpenCtiForm } from './opencti-form.ts';

/** The lowest of one that stands: 0 is what a withdrawal sends. */
const LOWEST = 1;
const HIGHEST = 100;

/**
 * The score to send where `wanted` is meant. Under a decay rule OpenCTI passes over an update with a score that the same user has ever
 * set, and with it whether the indicator is current; so what comes back, or returns to an earlier score, gets the nearest one that was
 * never sent. What stays as it was is sent as it was. (Source: OpenCTI, indicator-utils, `hasSameSourceAlreadyUpdateThisScore`.)
 */
export function scoreToSend(
  wanted: number,
  /** What was sent before, in order. */
  sent: readonly OpenCtiForm[],
  { isWithdrawn, decayRules }: { readonly isWithdrawn: boolean; readonly decayRules: boolean },
): number {
  const last = sent.at(-1);
  if (!decayRules || last === undefined) return wanted;
  if (!isWithdrawn && last.wanted === wanted) return last.score;
  const used = new Set(sent.flatMap(({ scores }) => scores));
  for (let distance = 0; distance < HIGHEST; distance += 1) {
    const near = [wanted - distance, wanted + distance].find(
      (score) => score >= LOWEST && score <= HIGHEST && !used.has(score),
    );
    if (near !== undefined) return near;
  }
  return wanted;
}

/** As a score that stands. */
export function standing(score: number): number {
  return Math.min(HIGHEST, Math.max(LOWEST, Math.round(score)));
}
