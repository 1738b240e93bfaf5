import { expect, test } from 'vitest';
import { judgeArtifact } from '../../indicators/judge-artifact.ts';
import type { Reputation } from '../../indicators/reputation.ts';

const NAMES = { of: () => [], has: () => false };
const WRITING = { minimumScore: 50, tags: false, comment: false, score: true, names: NAMES, at: '2026-11-24' };

/** The confidence that is to be set of one that shows `score`, was to have `scored`, and had `scoreBefore`. */
function toSet(
  { score, scored, scoreBefore }: Record<'score' | 'scored' | 'scoreBefore', number | null>,
  reputation: number,
) {
  const artifact = { marks: [], isOurs: true, score, scored, scoreBefore, commented: null };
  const said: Reputation = { kind: 'scored', classification: 'malicious', score: reputation, rules: [] };
  const { work, scored: next } = judgeArtifact(artifact, said, WRITING);
  return { set: work.score ?? null, scored: next };
}

test.each([
  ['it was never set', { score: 20, scored: null, scoreBefore: null }, 80, { set: 80, scored: 80 }],
  ['it has it already', { score: 80, scored: null, scoreBefore: null }, 80, { set: null, scored: null }],
  ['it was set', { score: 80, scored: 80, scoreBefore: 20 }, 80, { set: null, scored: null }],
  ['the request that was to set it got lost', { score: 20, scored: 80, scoreBefore: 20 }, 80, { set: 80, scored: 80 }],
  ['the TIP has made another one of it', { score: 77, scored: 80, scoreBefore: 20 }, 80, { set: null, scored: null }],
  ['the reputation has changed', { score: 80, scored: 80, scoreBefore: 20 }, 90, { set: 90, scored: 90 }],
  ['nothing is to be said any more', { score: 80, scored: 80, scoreBefore: 20 }, 10, { set: 20, scored: null }],
  ['it is set back', { score: 20, scored: 80, scoreBefore: 20 }, 10, { set: null, scored: null }],
  ['an analyst has set it since', { score: 65, scored: 80, scoreBefore: 20 }, 10, { set: null, scored: null }],
] as const)('a confidence of ours: %s', (_, shown, reputation, expected) => {
  expect(toSet(shown, reputation)).toEqual(expected);
});
