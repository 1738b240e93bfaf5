import type { Indicator } from '../../indicators/indicator.ts';
import type { Verdict } from '../../indicators/reputation.ts';
import { excerpt } from '../../indicators/storable-text.ts';
import { basicPlane } from './basic-plane.ts';

/** What is longer is of no use in a line of a table. */
const LONGEST = 1_000;
const LONGEST_RULE = 200;
const MOST_RULES = 20;

/** What an analyst reads beside the value: MDTI's verdict and its rules, the threat, the end, who says so, the source's description. */
export function commentOf({ facts, sources }: Indicator, verdict: Verdict): string {
  const parts = [
    ...(verdict.kind === 'scored' ? reputation(verdict) : []),
    ...(verdict.kind !== 'scored' && facts.confidence !== null ? [`Confidence ${facts.confidence} of 100.`] : []),
    `Threat: ${facts.threat}.`,
    // MISP has no expiry: it is withdrawn then.
    ...(facts.validUntil === null ? [] : [`Ends ${facts.validUntil.slice(0, 19)}Z.`]),
    ...(sources.length === 0 ? [] : [`Source: ${sources.join(', ')}.`]),
    ...(facts.description === null ? [] : [facts.description]),
  ];
  return excerpt(basicPlane(oneLine(parts.join(' '))), LONGEST).trim();
}

function reputation({
  score,
  classification,
  rules,
}: Extract<Verdict, { readonly kind: 'scored' }>): readonly string[] {
  // MDTI has no order for them: another one would look like a change.
  const names = [...new Set(rules.map(({ name, severity }) => excerpt(`${name} (${severity})`, LONGEST_RULE)))].sort();
  const listed = names.slice(0, MOST_RULES).join('; ');
  return [`MDTI score ${score} of 100, ${classification}.`, ...(listed === '' ? [] : [`Rules: ${listed}.`])];
}

function oneLine(text: string): string {
  return text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
}
