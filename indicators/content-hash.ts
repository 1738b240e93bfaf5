import { createHash } from 'node:crypto';
import type { Facts, Indicator } from './indicator.ts';
import { shownFacts } from './shown-facts.ts';

/** 128 bits are beyond chance for billions of indicators, and half the size of a full digest in the ledger. */
const DIGITS = 22;

/** Over what a destination would show, and nothing else: not over when the source last wrote the row. */
export function contentHash({ key, facts, sources }: Indicator): string {
  return hash([key.type, key.value, ...shownFacts(facts), sources]);
}

/** Over what one source row says. */
export function factsHash(facts: Facts, sourceSystem: string): string {
  return hash([...shownFacts(facts), sourceSystem]);
}

function hash(content: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('base64url').slice(0, DIGITS);
}
