import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { decide, hostToLookUp } from '../../indicators/decide.ts';
import { createExclusion } from '../../indicators/exclusion.ts';
import type { Observation } from '../../indicators/indicator.ts';
import { merge } from '../../indicators/merge.ts';
import { observeRow } from '../../indicators/observe-row.ts';
import { stixIndicator } from '../../indicators/stix.ts';
import { observableId } from '../../indicators/stix-observable.ts';
import { storableText } from '../../indicators/storable-text.ts';
import { oddRow, POLICY, ROW } from './arbitraries.ts';
import { DIALECT, FIRST_VERSION } from './stix-arbitraries.ts';

const NOW = new Date('2026-01-20T12:00:00Z');
const exclude = createExclusion(POLICY);
const RUNS = { numRuns: 1_000 };

function observed(row: typeof ROW): readonly Observation[] {
  const result = observeRow(row, exclude, NOW);
  if (result.kind === 'observations') return result.observations;
  expect(result.reason).not.toContain('digested');
  return [];
}

test('a row of whatever texts is read, or is malformed for a reason that somebody thought of', () => {
  fc.assert(
    fc.property(oddRow, (row) => {
      observed(row);
    }),
    RUNS,
  );
});

test('what is read can be stored as it is, in times that are times', () => {
  fc.assert(
    fc.property(oddRow, (row) => {
      for (const observation of observed(row)) {
        const texts: string[] = [];
        JSON.stringify(observation, (_, value: unknown) => {
          if (typeof value === 'string') texts.push(value);
          return value;
        });
        for (const text of texts) expect(storableText(text)).toBe(text);
        const { sourceTime, modified, facts } = observation;
        for (const time of [sourceTime, modified, facts.validFrom, facts.validUntil]) {
          if (time !== null) expect(new Date(time).toISOString()).toBe(`${time.slice(0, 23)}Z`);
        }
      }
    }),
    RUNS,
  );
});

test('what follows from it throws nothing', () => {
  fc.assert(
    fc.property(oddRow, (row) => {
      for (const observation of observed(row)) {
        const indicator = merge(observation.key, [observation], NOW);
        hostToLookUp(indicator, { ...POLICY, withoutReputation: { ...POLICY.withoutReputation, url: 'by-host' } });
        decide(indicator, { kind: 'none' }, POLICY);
        observableId(indicator.key);
        stixIndicator({ indicator, verdict: { kind: 'none' } }, DIALECT, FIRST_VERSION);
      }
    }),
    RUNS,
  );
});

test('a row that our code cannot digest is malformed, and its reason quotes nothing', () => {
  const broken = (): never => {
    throw new RangeError('Invalid value: 8.8.4.4');
  };
  expect(observeRow(ROW, broken, NOW)).toEqual({
    kind: 'malformed',
    reason: 'the row could not be digested (RangeError)',
  });
});
