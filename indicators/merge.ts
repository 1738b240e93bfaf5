import { type Facts, type Indicator, type IndicatorKey, type Threat, TLP_LEVELS, type Tlp } from './indicator.ts';
import { rank } from './threat.ts';

/** What one source row says of the indicator. */
export interface Voice {
  readonly sourceSystem: string;
  readonly sourceTime: string;
  readonly facts: Facts;
}

/**
 * One indicator of all that is said of it, whatever the order. It lives while one voice is live: the living ones give the
 * highest confidence, the widest validity, the most restrictive marking, the most telling threat, all tags, and the newest
 * description. When none is live, all of them speak, and it has ended as the newest says. Needs at least one voice.
 */
export function merge(key: IndicatorKey, voices: readonly Voice[], now: Date): Indicator {
  const live = voices.filter(({ facts }) => isLive(facts, now));
  const speaking = (live.length > 0 ? live : voices).toSorted(newestFirst);
  const [newest] = speaking;
  if (newest === undefined) throw new Error('An indicator is made of at least one observation.');
  const facts = speaking.map((voice) => voice.facts);
  return {
    key,
    facts: {
      threat: facts.map(({ threat }) => threat).reduce(moreTelling),
      confidence: highest(facts.map(({ confidence }) => confidence)),
      validFrom: earliest(facts.map(({ validFrom }) => validFrom)),
      validUntil: latest(facts.map(({ validUntil }) => validUntil)),
      tlp: facts.map(({ tlp }) => tlp).reduce(moreRestricted),
      tags: [...new Set(facts.flatMap(({ tags }) => tags))].sort(),
      description: facts.find(({ description }) => description !== null)?.description ?? null,
      ended: live.length > 0 ? null : newest.facts.ended,
    },
    sources: [...new Set(speaking.map(({ sourceSystem }) => sourceSystem))].sort(),
  };
}

function isLive(facts: Facts, now: Date): boolean {
  return facts.ended === null && (facts.validUntil === null || Date.parse(facts.validUntil) > now.getTime());
}

/** Ties are broken by what is said, so that the order of reading never shows. */
function newestFirst(a: Voice, b: Voice): number {
  return b.sourceTime.localeCompare(a.sourceTime) || JSON.stringify(a).localeCompare(JSON.stringify(b));
}

function moreTelling(a: Threat, b: Threat): Threat {
  return rank(a) <= rank(b) ? a : b;
}

function moreRestricted(a: Tlp | null, b: Tlp | null): Tlp | null {
  if (a === null || b === null) return a ?? b;
  return TLP_LEVELS.indexOf(a) >= TLP_LEVELS.indexOf(b) ? a : b;
}

function highest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}

function earliest(times: readonly (string | null)[]): string | null {
  return times.filter((time) => time !== null).reduce<string | null>((a, b) => (a === null || b < a ? b : a), null);
}

/** No end is the latest end. */
function latest(times: readonly (string | null)[]): string | null {
  return times.reduce((a, b) => (a === null || b === null ? null : a > b ? a : b));
}
