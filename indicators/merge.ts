import { type Facts, type Indicator, type IndicatorKey, TLP_LEVELS, type Tlp } from './indicator.ts';
import { notesOf } from './notes.ts';
import { shownFacts } from './shown-facts.ts';
import { tidyTags } from './tags.ts';
import { mostTelling } from './threat.ts';

/** What one source row says of the indicator. */
export interface Voice {
  readonly sourceSystem: string;
  readonly sourceTime: string;
  readonly facts: Facts;
}

/**
 * One indicator of all that is said of it, whatever the order. It lives while one voice is live (not ended, not expired at
 * `now`): the living ones give the highest confidence, the widest validity, the most restrictive marking, the most telling
 * threat, all tags, and the newest description. When none is live, all of them speak, and it has ended, or expired, as the
 * newest says. A marking is only compared with markings: what has none is the policy's to judge.
 *
 * @throws Error when there is no voice at all.
 */
export function merge(key: IndicatorKey, voices: readonly Voice[], now: Date): Indicator {
  const live = voices.filter(({ facts }) => isLive(facts, now));
  const speaking = (live.length > 0 ? live : voices).toSorted(newestFirst);
  const [newest] = speaking;
  if (newest === undefined) throw new Error('An indicator is made of at least one observation.');
  if (speaking.length === 1) return { key, facts: newest.facts, sources: [newest.sourceSystem] };
  const facts = speaking.map((voice) => voice.facts);
  return {
    key,
    facts: {
      threat: mostTelling(facts.map(({ threat }) => threat)) ?? newest.facts.threat,
      confidence: highest(facts.map(({ confidence }) => confidence)),
      validFrom: earliest(facts.map(({ validFrom }) => validFrom)),
      // Among the dead, one that ended without an end date must not outlive the newest.
      validUntil: live.length > 0 ? latest(facts.map(({ validUntil }) => validUntil)) : newest.facts.validUntil,
      tlp: facts.map(({ tlp }) => tlp).reduce(moreRestricted),
      tags: tidyTags(facts.flatMap(({ tags }) => tags)),
      description: facts.find(({ description }) => description !== null)?.description ?? null,
      ended: live.length > 0 ? null : newest.facts.ended,
      ...notesOf(facts.flatMap(({ notes }) => notes ?? [])),
    },
    sources: [...new Set(speaking.map(({ sourceSystem }) => sourceSystem))].sort(),
  };
}

function isLive(facts: Facts, now: Date): boolean {
  return facts.ended === null && (facts.validUntil === null || Date.parse(facts.validUntil) > now.getTime());
}

/** Ties are broken by what is said, so that the order of reading never shows. */
function newestFirst(a: Voice, b: Voice): number {
  return compareTexts(b.sourceTime, a.sourceTime) || compareTexts(spoken(a), spoken(b));
}

function spoken({ sourceSystem, facts }: Voice): string {
  return JSON.stringify([...shownFacts(facts), sourceSystem]);
}

/** By code unit, as the fixed-width times need it; a locale's order would differ between machines. */
function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function moreRestricted(a: Tlp | null, b: Tlp | null): Tlp | null {
  if (a === null || b === null) return a ?? b;
  return TLP_LEVELS.indexOf(a) >= TLP_LEVELS.indexOf(b) ? a : b;
}

function highest(values: readonly (number | null)[]): number | null {
  return values.reduce((a, b) => (a === null || b === null ? (a ?? b) : Math.max(a, b)), null);
}

function earliest(times: readonly (string | null)[]): string | null {
  return times.filter((time) => time !== null).reduce<string | null>((a, b) => (a === null || b < a ? b : a), null);
}

/** No end is the latest end. */
function latest(times: readonly (string | null)[]): string | null {
  return times.reduce((a, b) => (a === null || b === null ? null : a > b ? a : b));
}
