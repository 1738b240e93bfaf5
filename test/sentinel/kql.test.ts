import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countQuery, estimateQuery, type QuerySource, rowsQuery } from '../../sentinel/kql.ts';
import { loadKusto } from './kusto.ts';
import { PUBLISHED_TABLES } from './published-tables.ts';

const kusto = loadKusto(PUBLISHED_TABLES);
const window = { from: '2026-11-24T08:00:00Z', to: '2026-11-24T08:15:00.1234567Z' };
const current: QuerySource = {
  table: 'ThreatIntelIndicators',
  sourceSystems: ['Microsoft Defender Threat Intelligence', 'Microsoft Emerging Threat Feed'],
};
const legacy: QuerySource = { ...current, table: 'ThreatIntelligenceIndicator' };

describe.each([current, legacy])('the queries of $table', (source) => {
  it.each([
    ['count', countQuery(source, window)],
    ['estimate', estimateQuery(source, window)],
    ['rows', rowsQuery(source, { ...window, bucket: 0, buckets: 1 })],
    ['a bucket of rows', rowsQuery(source, { ...window, bucket: 3, buckets: 8 })],
  ])("pass Microsoft's parser: %s", (_, query) => {
    expect(kusto.diagnostics(query)).toEqual([]);
  });

  it("count in one number, with the service's clock as text, and estimate in two", () => {
    expect(kusto.resultColumns(countQuery(source, window))).toEqual(['Count: long', 'Clock: string']);
    expect(kusto.resultColumns(estimateQuery(source, window))).toEqual(['Rows: long', 'Hosts: long']);
  });

  it('return the same columns, with every time and list as text', () => {
    const confidence = source.table === 'ThreatIntelIndicators' ? 'int' : 'real';
    const texts = 'Id SourceSystem ObservableKey ObservableValue Pattern TimeGenerated Modified ValidFrom ValidUntil';
    const more = 'ThreatTypes Name Description Markings Labels LastUpdateMethod';
    expect(kusto.resultColumns(rowsQuery(source, { ...window, bucket: 0, buckets: 1 }))).toEqual([
      ...texts.split(' ').map((name) => `${name}: string`),
      `Confidence: ${confidence}`,
      'Tags: string',
      ...['IsActive', 'IsDeleted', 'Revoked'].map((name) => `${name}: bool`),
      ...more.split(' ').map((name) => `${name}: string`),
    ]);
  });

  it('read any name of a source system as that name and nothing more', () => {
    const names = fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 3 });
    const nasty = fc.constantFrom(['"'], ['\\'], ['") or true //'], ['\r\n| take 1'], ["a'b", '```', 'é\u2028😀']);
    fc.assert(
      fc.property(fc.oneof(names, nasty), (sourceSystems) => {
        const query = countQuery({ ...source, sourceSystems }, window);
        expect(kusto.diagnostics(query)).toEqual([]);
        expect(kusto.stringLiterals(query)).toEqual(sourceSystems);
        expect(query.split('\n')).toHaveLength(5);
      }),
      { numRuns: 60 },
    );
  });

  it('take no text for a time, and no bucket that is not there', () => {
    for (const from of ['2026-11-24', '2026-13-45T08:00:00Z', '2026-11-24T08:00:00Z) or true //', '']) {
      expect(() => countQuery(source, { ...window, from })).toThrow(RangeError);
    }
    for (const bucket of [-1, 8, 0.5, Number.NaN]) {
      expect(() => rowsQuery(source, { ...window, bucket, buckets: 8 })).toThrow(RangeError);
    }
  });
});

describe('rowsQuery', () => {
  it('asks the current table in these words: nothing is left out before the newest row is found', () => {
    expect(rowsQuery(current, { ...window, bucket: 3, buckets: 8 })).toMatchInlineSnapshot(`
      "ThreatIntelIndicators
      | where ingestion_time() >= datetime(2026-11-24T08:00:00Z) and ingestion_time() < datetime(2026-11-24T08:15:00.1234567Z)
      | where SourceSystem in ("Microsoft Defender Threat Intelligence", "Microsoft Emerging Threat Feed")
      | where hash(tolower(iff(isempty(ObservableValue), Pattern, ObservableValue)), 8) == 3
      | summarize arg_max(TimeGenerated, *) by Id, ObservableKey, ObservableValue, P = iff(isempty(ObservableValue), Pattern, "")
      | extend D = parse_json(tostring(column_ifexists("Data", dynamic(null))))
      | project Id, SourceSystem, ObservableKey, ObservableValue, Pattern, TimeGenerated = tostring(TimeGenerated), Modified = tostring(Modified), ValidFrom = tostring(ValidFrom), ValidUntil = tostring(ValidUntil), Confidence, Tags = tostring(Tags), IsActive, IsDeleted, Revoked, ThreatTypes = tostring(D.indicator_types), Name = tostring(D.name), Description = tostring(D.description), Markings = tostring(D.object_marking_refs), Labels = tostring(D.labels), LastUpdateMethod"
    `);
  });
});

describe("Microsoft's parser", () => {
  it.each([
    ['a column that is not there', 'ThreatIntelIndicators | where IndicatorId == ""'],
    ['a table that is not there', 'ThreatIntel | count'],
    ['a query that ends early', 'ThreatIntelIndicators | where (Id == ""'],
  ])('objects to %s', (_, query) => {
    expect(kusto.diagnostics(query)).not.toEqual([]);
  });
});
