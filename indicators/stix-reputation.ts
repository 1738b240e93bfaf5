import type { Facts, Indicator } from './indicator.ts';
import type { Rule, Verdict } from './reputation.ts';
import { excerpt } from './storable-text.ts';

/** An external reference of STIX 2.1 (section 2.5). */
export interface StixReference {
  readonly source_name: string;
  readonly description: string;
  readonly url: string;
}

const SOURCE = 'Microsoft Defender Threat Intelligence';

/** What is longer, or more, is of no use to a reader. */
const LONGEST_LABEL = 200;
const LONGEST_RULE = 500;
const MOST_RULES = 50;

/** How sure we are, 0 to 100: as MDTI's score says, else as the source does; null when neither says. */
export function sureness({ confidence }: Facts, verdict: Verdict): number | null {
  return verdict.kind === 'scored' ? Math.min(100, Math.max(0, Math.round(verdict.score))) : confidence;
}

/** The source's description, then MDTI's verdict and the rules behind it; where there is neither, who speaks of it. Null for nobody. */
export function describedBy({ facts, sources }: Indicator, verdict: Verdict): string | null {
  const parts = [facts.description, verdict.kind === 'scored' ? reputationText(verdict) : null];
  const text = parts.filter((part) => part !== null && part !== '').join('\n\n');
  if (text !== '') return text;
  return sources.length === 0 ? null : `Reported by ${sources.join(', ')}.`;
}

/** The source's tags, and MDTI's classification: `mdti:malicious`. */
export function labelsOf({ tags }: Facts, verdict: Verdict): readonly string[] {
  if (verdict.kind !== 'scored') return tags;
  return [...new Set([...tags, excerpt(`mdti:${oneLine(verdict.classification)}`, LONGEST_LABEL)])].sort();
}

/** Where MDTI says more of a rule, if that can be opened safely. */
export function referencesOf(verdict: Verdict): readonly StixReference[] {
  if (verdict.kind !== 'scored') return [];
  const references = new Map<string, StixReference>();
  for (const { name, relatedDetailsUrl } of sorted(verdict.rules)) {
    const url = secureUrl(relatedDetailsUrl);
    if (url === null || references.has(url)) continue;
    references.set(url, { source_name: SOURCE, description: excerpt(oneLine(name), LONGEST_RULE), url });
  }
  return [...references.values()];
}

function reputationText({ score, classification, rules }: Extract<Verdict, { readonly kind: 'scored' }>): string {
  const lines = sorted(rules).map(({ name, severity, description }) =>
    excerpt(oneLine(`- ${name} (${severity}): ${description}`), LONGEST_RULE),
  );
  return [
    `${SOURCE}: ${excerpt(oneLine(classification), LONGEST_LABEL)}, score ${score} of 100.`,
    ...new Set(lines),
  ].join('\n');
}

/** MDTI has no order for them: another one would look like a change. */
function sorted(rules: readonly Rule[]): readonly Rule[] {
  const key = ({ name, severity, description, relatedDetailsUrl }: Rule) =>
    JSON.stringify([name, severity, description, relatedDetailsUrl]);
  return rules.toSorted((a, b) => (key(a) < key(b) ? -1 : 1)).slice(0, MOST_RULES);
}

function secureUrl(text: string | null): string | null {
  if (text === null || !URL.canParse(text)) return null;
  const url = new URL(text);
  return url.protocol === 'https:' && url.username === '' && url.password === '' ? url.href : null;
}

function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
}
