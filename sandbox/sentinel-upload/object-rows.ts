import type { Json } from '../logs/kql/value.ts';
import type { ArrivingRow } from '../rows/arrived-row.ts';
import type { Observable } from '../rows/observable.ts';
import type { SentinelUploadFaults } from './sentinel-upload-faults.ts';
import { type Indicator, instant } from './stix-object.ts';
import { readPattern } from './stix-pattern.ts';

export interface Written {
  readonly source: string;
  readonly object: Indicator;
  readonly isDeleted: boolean;
  /** Whether the service writes by itself what it has, or somebody changed it. */
  readonly republished: boolean;
  readonly now: Date;
}

/** `<base64 of the source>---<STIX id>`. (Source: learn.microsoft.com, "work-with-stix-objects", by how its queries read it.) */
export function rowId(source: string, stixId: string): string {
  return `${Buffer.from(source).toString('base64')}---${stixId}`;
}

/** The indicator's rows in `ThreatIntelIndicators`, each of one observable. (Source of several: Azure/Azure-Sentinel, issue 12067.) */
export function rowsOf(
  { source, object, isDeleted, republished, now }: Written,
  faults: Pick<SentinelUploadFaults, 'dataColumn' | 'unknownProperties'>,
): readonly ArrivingRow[] {
  const revoked = object.revoked ?? false;
  const rowOf = ({ key, value }: Observable): ArrivingRow => ({
    TimeGenerated: now.toISOString(),
    Id: rowId(source, object.id),
    SourceSystem: source,
    // What it says of an upload is published nowhere.
    LastUpdateMethod: republished ? 'LogARepublisher' : 'UploadApi',
    IsDeleted: isDeleted,
    IsActive: !isDeleted && !revoked && !hasEnded(object, now),
    Revoked: revoked,
    ValidFrom: object.valid_from,
    ValidUntil: object.valid_until ?? null,
    Created: object.created,
    Modified: object.modified,
    Tags: (object.labels ?? []).join(','),
    Confidence: object.confidence ?? null,
    Pattern: object.pattern,
    Data: faults.dataColumn === 'absent' ? null : dataOf(object, republished, faults),
    ObservableKey: key,
    ObservableValue: value,
  });
  return keysAndValues(object).map(rowOf);
}

/** Whether its `valid_until` is past. */
export function hasEnded({ valid_until: until }: Indicator, now: Date): boolean {
  return until !== undefined && instant(until) <= instant(now.toISOString());
}

/** What a pattern names; itself, when that cannot be told. */
export function valuesOf({ pattern, pattern_type: language }: Indicator): readonly string[] {
  const comparisons = language === 'stix' ? (readPattern(pattern)?.comparisons ?? []) : [];
  return comparisons.length === 0 ? [pattern] : comparisons.map(({ value }) => value);
}

/**
 * At least one: a pattern that is not understood leaves key and value empty. (Sources: learn.microsoft.com, "work-with-stix-objects";
 * Azure/Azure-Sentinel, issue 12075, of patterns with AND.)
 */
function keysAndValues({ pattern, pattern_type: language }: Indicator): readonly Observable[] {
  const reading = language === 'stix' ? readPattern(pattern) : null;
  return reading?.isAlternatives === true ? reading.comparisons : [{ key: '', value: '' }];
}

/** (Source: learn.microsoft.com, "stix-objects-api", common properties and indicator.) */
const KNOWN = new Set(
  [
    'id type spec_version created created_by_ref modified revoked labels confidence lang object_marking_refs external_references',
    'granular_markings extensions name description indicator_types pattern pattern_type pattern_version valid_from valid_until',
    'kill_chain_phases',
  ].flatMap((names) => names.split(' ')),
);
const LONGEST = 1_000;
const SHORTENED = new Set(['description', 'pattern']);

/**
 * Long text is cut, empty values are left out, and republished rows may lack their references. (Source: learn.microsoft.com,
 * "work-with-stix-objects".)
 */
function dataOf(
  object: Indicator,
  republished: boolean,
  { unknownProperties }: Pick<SentinelUploadFaults, 'unknownProperties'>,
): Json {
  const kept = Object.entries({ spec_version: '2.1', ...object }).filter(
    ([name, value]) =>
      !isEmpty(value) &&
      (unknownProperties === 'kept' || (KNOWN.has(name) && name !== 'extensions')) &&
      !(republished && name === 'external_references'),
  );
  return JSON.parse(
    JSON.stringify(
      Object.fromEntries(
        kept.map(([name, value]) => [
          name,
          SHORTENED.has(name) && typeof value === 'string' ? value.slice(0, LONGEST) : value,
        ]),
      ),
    ),
  );
}

function isEmpty(value: unknown): boolean {
  if (typeof value !== 'object') return value === undefined || value === '';
  return value === null || Object.keys(value).length === 0;
}
