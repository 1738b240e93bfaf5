import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { markNames } from '../../destinations/threatstream/artifact-form.ts';
import { commentMarker, type Judgeable, judgeArtifact, type Writing } from '../../indicators/judge-artifact.ts';
import type { Reputation } from '../../indicators/reputation.ts';
import { bandOf } from '../../indicators/score-band.ts';

const DAY = '2026-11-24';
const ALL: Writing = { minimumScore: 50, tags: true, comment: true, score: true };
const BARE: Judgeable = { marks: [], isOurs: true, score: 30, scored: null, scoreBefore: null, commented: null };
const NAMES = markNames('mdti');

function scored(score: number, classification = 'malicious', rules: readonly string[] = []): Reputation {
  return {
    kind: 'scored',
    score,
    classification,
    rules: rules.map((name) => ({ name, description: '', severity: 'high', relatedDetailsUrl: null })),
  };
}

function judged(artifact: Partial<Judgeable>, reputation: Reputation | null, writing: Partial<Writing> = {}) {
  return judgeArtifact({ ...BARE, ...artifact }, reputation, { ...ALL, ...writing, names: NAMES, at: DAY });
}

describe('the marks', () => {
  it('are one of each family, and siblings go', () => {
    expect(judged({ marks: ['mdti-score:50-74', 'mdti:suspicious'] }, scored(80))).toMatchObject({
      wanted: ['mdti:malicious', 'mdti-score:75-89'],
      work: {
        remark: { add: ['mdti:malicious', 'mdti-score:75-89'], remove: ['mdti-score:50-74', 'mdti:suspicious'] },
      },
    });
  });

  it('that are right already are let be, whatever their order', () => {
    const marks = ['mdti:malicious', 'mdti-score:75-89'];
    for (const some of [marks, marks.toReversed()]) {
      expect(judged({ marks: some }, scored(80), { comment: false, score: false }).work).toEqual({});
    }
  });

  it.each<[string, Reputation | null]>([
    ['a score below the threshold', scored(49, 'neutral')],
    ['no reputation', { kind: 'none' }],
    ['nothing that could be looked up', null],
  ])('are taken back for %s', (_, reputation) => {
    const { work, wanted } = judged({ marks: ['mdti-score:75-89', 'mdti:malicious'] }, reputation);
    expect(wanted).toEqual([]);
    expect(work).toEqual({ remark: { add: [], remove: ['mdti-score:75-89', 'mdti:malicious'] } });
    expect(judged({}, reputation).work).toEqual({});
  });

  it.each([
    [0, 0, true],
    [49, 50, false],
    [50, 50, true],
    [99, 100, false],
    [100, 100, true],
  ])('are there for a score of %i with a threshold of %i: %s', (score, minimumScore, isThere) => {
    expect(judged({}, scored(score), { minimumScore }).wanted.length > 0).toBe(isThere);
  });

  it.each([
    [0, '0-49'],
    [49, '0-49'],
    [50, '50-74'],
    [74, '50-74'],
    [75, '75-89'],
    [89, '75-89'],
    [90, '90-100'],
    [100, '90-100'],
  ])('of a score of %i are of the band %s', (score, band) => {
    expect(bandOf(score)).toBe(band);
  });

  it.each([
    ['a classification with commas', 'bad, very bad', 'mdti:bad very bad'],
    ['one in several lines', ' bad\n\tvery ', 'mdti:bad very'],
    ['one with half a pair and a NUL', 'a\ud800b\0c', 'mdti:a\ufffdb c'],
  ])('of %s have a name that can be written', (_, classification, name) => {
    expect(judged({}, scored(80, classification)).wanted[0]).toBe(name);
  });

  it('of a classification that says nothing are the band alone', () => {
    for (const classification of ['', ' ', ' ,\n']) {
      expect(judged({}, scored(80, classification)).wanted).toEqual(['mdti-score:75-89']);
    }
  });

  it('of whatever classification are marks of the family, and right once they are there', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 50, max: 100 }), (classification, score) => {
        const { wanted } = judged({}, scored(score, classification));
        expect(wanted.every((name) => NAMES.has(name) && !/[,\n\0]/.test(name) && name.isWellFormed())).toBe(true);
        expect(judged({ marks: wanted }, scored(score, classification)).work.remark).toBeUndefined();
      }),
    );
  });

  it('that are not of the family are nobody’s business', () => {
    const marks = ['mdti', 'mdtix:malicious', 'MDTI:malicious', 'theirs'].filter((name) => NAMES.has(name));
    expect(marks).toEqual([]);
  });
});

describe('a comment', () => {
  it('says who, when, what and why, and how it is known again', () => {
    const { work, verdict } = judged({}, scored(80, 'malicious', ['One', 'Two', 'One']));
    expect(verdict).toBe('malicious 75-89');
    expect(work.comment).toBe(
      `Microsoft Defender Threat Intelligence, ${DAY}: malicious, score 80. Rules: One; Two. [mdti-sync: malicious 75-89]`,
    );
  });

  it.each<[string, string | null, Reputation | null, boolean]>([
    ['a first verdict', null, scored(80), true],
    ['the same verdict', 'malicious 75-89', scored(80), false],
    ['another score of the same band', 'malicious 75-89', scored(89), false],
    ['another band', 'malicious 75-89', scored(90), true],
    ['another classification', 'suspicious 75-89', scored(80), true],
    ['a fall below', 'malicious 75-89', scored(10), true],
    ['staying below', 'below', scored(10), false],
    ['being below from the first', null, scored(10), false],
    ['no reputation any more', 'malicious 75-89', { kind: 'none' }, true],
    ['no reputation from the first', null, { kind: 'none' }, false],
    ['no reputation as before', 'none', { kind: 'none' }, false],
    ['nothing to look up any more', 'malicious 75-89', null, true],
    ['a rise after a fall', 'below', scored(80), true],
  ])('is written for %s: %s, %o: %s', (_, commented, reputation, isWritten) => {
    expect(judged({ commented }, reputation).work.comment !== undefined).toBe(isWritten);
  });

  it('is not written where none is wished for', () => {
    expect(judged({ commented: 'malicious 75-89' }, scored(10), { comment: false }).work.comment).toBeUndefined();
  });

  it('names twenty rules at most', () => {
    const rules = Array.from({ length: 30 }, (_, at) => `Rule ${at}`);
    expect(judged({}, scored(80, 'malicious', rules)).work.comment).toContain('Rule 19. [');
  });

  it('has a marker that is read as one, whatever the classification', () => {
    for (const classification of ['a]b', 'a[b', 'a\nb', '']) {
      const { verdict, work } = judged({}, scored(80, classification));
      expect(work.comment?.match(/\[mdti-sync: [^\]]*\]/g)).toEqual([commentMarker(verdict)]);
    }
  });
});

describe('the confidence', () => {
  it.each<[string, Partial<Judgeable>, Reputation | null, number | undefined]>([
    ['of ours is the score', {}, scored(80), 80],
    ['of another organisation is let be', { isOurs: false }, scored(80), undefined],
    ['that is the score already is let be', { score: 80 }, scored(80), undefined],
    ['that shows none is set', { score: null }, scored(80), 80],
    [
      'that was set is let be, whatever became of it',
      { score: 33, scored: 80, scoreBefore: 30 },
      scored(80),
      undefined,
    ],
    ['follows the score', { score: 80, scored: 80, scoreBefore: 30 }, scored(90), 90],
    ['is set back', { score: 80, scored: 80, scoreBefore: 30 }, scored(10), 30],
    ['is set back for no reputation', { score: 80, scored: 80, scoreBefore: 30 }, { kind: 'none' }, 30],
    [
      'that was not shown before cannot be set back',
      { score: 80, scored: 80, scoreBefore: null },
      scored(10),
      undefined,
    ],
    ['that was set back is let be', { score: 30, scored: 30, scoreBefore: 30 }, scored(10), undefined],
    ['that was never set is let be', { score: 70 }, scored(10), undefined],
    ['that belongs to somebody else by now is let be', { isOurs: false, scored: 80, scoreBefore: 30 }, null, undefined],
  ])('%s', (_, artifact, reputation, expected) => {
    expect(judged(artifact, reputation, { comment: false, tags: false }).work.score).toBe(expected);
  });
});

it('where tags are not wished for, those that another pipeline has written are let be', () => {
  const { work } = judged({ marks: ['mdti:malicious'] }, scored(80), { tags: false, comment: false, score: false });
  expect(work).toEqual({});
});

it('once all is done nothing is left to do, whatever there was', () => {
  const reputation = fc.oneof(
    fc.constant(null),
    fc.constant<Reputation>({ kind: 'none' }),
    fc
      .tuple(fc.integer({ min: 0, max: 100 }), fc.constantFrom('malicious', 'suspicious', 'neutral', 'unknown', ''))
      .map(([score, classification]) => scored(score, classification)),
  );
  const artifact = fc.record({
    marks: fc.subarray(['mdti:malicious', 'mdti:old', 'mdti-score:75-89', 'mdti-score:0-49']),
    isOurs: fc.boolean(),
    score: fc.option(fc.integer({ min: 0, max: 100 })),
    commented: fc.option(fc.constantFrom('below', 'none', 'malicious 75-89')),
  });
  const writing = fc.record({ tags: fc.boolean(), comment: fc.boolean(), score: fc.boolean() });
  fc.assert(
    fc.property(artifact, reputation, writing, (one, said, wished) => {
      const before = { ...one, scored: null, scoreBefore: null };
      const { work, verdict, wanted } = judged(before, said, wished);
      const after = judged(
        {
          ...before,
          marks: work.remark === undefined ? one.marks : wanted,
          ...(work.score === undefined ? {} : { scored: work.score, scoreBefore: one.score }),
          ...(work.comment === undefined ? {} : { commented: verdict }),
        },
        said,
        wished,
      );
      expect(after).toMatchObject({ work: {}, verdict });
    }),
  );
});
