import type { Threat } from './indicator.ts';
import { saysMore } from './threat.ts';

/** When what a person at the destination has rejected is brought there again. */
export const BRING_REFUSED = ['rise', 'change', 'never'] as const;
export type BringRefused = (typeof BRING_REFUSED)[number];

/** What may rise of an indicator: MDTI's classification (null: it has none), and what it is said to be. */
export interface Telling {
  readonly classification: string | null;
  readonly threat: Threat;
}

/** What was known of an indicator when it was rejected, and the hash of what was to be held. */
export interface Refusal extends Telling {
  readonly hash: string;
}

export function isBroughtAgain(refused: Refusal, now: Refusal, when: BringRefused): boolean {
  if (when === 'never') return false;
  return when === 'change' ? now.hash !== refused.hash : rises(refused, now);
}

function rises(before: Telling, now: Telling): boolean {
  return rank(now.classification) > rank(before.classification) || saysMore(now.threat, before.threat);
}

/** MDTI's words, in order; one that it adds later says nothing yet. */
const CLASSIFICATIONS = ['unknown', 'neutral', 'suspicious', 'malicious'];

function rank(classification: string | null): number {
  return Math.max(0, CLASSIFICATIONS.indexOf(classification?.toLowerCase() ?? ''));
}
