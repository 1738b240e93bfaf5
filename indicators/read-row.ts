import { canonicalKey } from './canonical.ts';
import type { Facts, IndicatorKey, Observation } from './indicator.ts';
import { observableType } from './observable-key.ts';
import { tooLong } from './row-lengths.ts';
import type { SourceRow } from './source-row.ts';
import { readPattern } from './stix-pattern.ts';
import { storableText } from './storable-text.ts';
import { splitTags, tidyTags } from './tags.ts';
import { threatOf } from './threat.ts';
import { sourceEnd, sourceTime } from './time.ts';
import { isTlpTag, tlpOf } from './tlp.ts';

export type RowResult =
  | { readonly kind: 'observations'; readonly observations: readonly Observation[] }
  /** Names the column and what is wrong with it, never the value. */
  | { readonly kind: 'malformed'; readonly reason: string };

/** Sentinel cuts `Data.description` at 1,000 characters when it republishes: cut below that, both are the same. */
const LONGEST_DESCRIPTION = 990;

/**
 * What a row says. Usually one observation; several when only the pattern names the observables; at least one. A row is
 * malformed as a whole, so that nothing it says is lost without a reason.
 */
export function readRow(row: SourceRow): RowResult {
  const long = tooLong(row);
  if (long !== null) return malformed(long);
  if (row.id === '' || hasControl(row.id)) return malformed('Id is empty or has control characters');
  const time = sourceTime(row.timeGenerated);
  if (time === null) return malformed('TimeGenerated is not a time');
  const modified = optionalTime(row.modified);
  if (modified === undefined) return malformed('Modified is not a time');
  const validFrom = optionalTime(row.validFrom);
  if (validFrom === undefined) return malformed('ValidFrom is not a time');
  const validUntil = optionalTime(row.validUntil);
  if (validUntil === undefined) return malformed('ValidUntil is not a time');
  if (row.confidence !== null && !Number.isFinite(row.confidence)) return malformed('Confidence is not a number');

  const keys = keysOf(row);
  if (typeof keys === 'string') return malformed(keys);
  const facts = factsOf(row, validFrom, validUntil);
  const { id: sourceId } = row;
  const sourceSystem = storableText(row.sourceSystem);
  return {
    kind: 'observations',
    observations: keys.map((key) => ({ sourceId, key, sourceSystem, sourceTime: time, modified, facts })),
  };
}

/** The indicators that a row names, or why it names none. */
function keysOf(row: SourceRow): readonly IndicatorKey[] | string {
  if (row.observableKey === '' || row.observableValue === '') return keysOfPattern(row.pattern);
  const observable = observableType(row.observableKey);
  if (!observable.ok) return `ObservableKey: ${observable.reason}`;
  const canonical = canonicalKey(observable.type, row.observableValue);
  return canonical.ok ? [canonical.key] : `ObservableValue: ${canonical.reason}`;
}

/** Comparisons of other kinds (a port, a file name) only narrow the supported ones beside them; alone they are refused. */
function keysOfPattern(pattern: string): readonly IndicatorKey[] | string {
  if (pattern.trim() === '') return 'ObservableKey, ObservableValue and Pattern are empty';
  const read = readPattern(pattern);
  if (!read.ok) return `Pattern: ${read.reason} (at character ${read.position + 1})`;
  const keys = new Map<string, IndicatorKey>();
  let unsupported: string | null = null;
  for (const { key, value } of read.comparisons) {
    const observable = observableType(key);
    if (!observable.ok) {
      unsupported ??= observable.reason;
      continue;
    }
    const canonical = canonicalKey(observable.type, value);
    if (!canonical.ok) return `Pattern: ${canonical.reason}`;
    keys.set(`${canonical.key.type} ${canonical.key.value}`, canonical.key);
  }
  return keys.size > 0 ? [...keys.values()] : `Pattern: ${unsupported ?? 'it names no observable'}`;
}

function factsOf(row: SourceRow, validFrom: string | null, validUntil: string | null): Facts {
  const tags = [...splitTags(row.tags), ...row.labels];
  return {
    threat: threatOf(row.threatTypes, tags),
    confidence: row.confidence === null ? null : Math.min(100, Math.max(0, Math.round(row.confidence))),
    validFrom,
    validUntil: validUntil === null ? null : sourceEnd(validUntil),
    tlp: tlpOf([...row.markings, ...tags.map((tag) => tag.trim()).filter(isTlpTag)]),
    tags: tidyTags(tags),
    description: descriptionOf(row),
    ended: endedOf(row),
  };
}

function descriptionOf({ name, description }: SourceRow): string | null {
  const text = description.trim() === '' ? name : description;
  // Cut first: a pair that is cut in two is repaired with the rest.
  return (
    text
      .trim()
      .slice(0, LONGEST_DESCRIPTION)
      .replace(/[\0\p{Cs}]/gu, '')
      .trim() || null
  );
}

/** The columns may be null, since Sentinel leaves empty fields out: only what is said ends an indicator. */
function endedOf({ isDeleted, revoked, isActive }: SourceRow): Facts['ended'] {
  if (isDeleted === true) return 'deleted';
  if (revoked === true) return 'revoked';
  return isActive === false ? 'inactive' : null;
}

/** Undefined when it is there and is no time. Kusto writes a missing time as empty text. */
function optionalTime(text: string | null): string | null | undefined {
  if (text === null || text === '') return null;
  return sourceTime(text) ?? undefined;
}

function hasControl(text: string): boolean {
  return /[\p{Cc}\p{Cs}]/u.test(text);
}

function malformed(reason: string): RowResult {
  return { kind: 'malformed', reason };
}
