import { canonicalKey } from './canonical.ts';
import type { Facts, IndicatorKey, Observation } from './indicator.ts';
import { type Note, notesOf } from './notes.ts';
import { observableType, plainPath } from './observable-key.ts';
import { tooLong } from './row-lengths.ts';
import type { SourceRow } from './source-row.ts';
import { readPattern } from './stix-pattern.ts';
import { storableText } from './storable-text.ts';
import { splitTags, tidyTags } from './tags.ts';
import { threatOf } from './threat.ts';
import { realTime, sourceEnd, sourceTime } from './time.ts';
import { tlpOf } from './tlp.ts';

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

  const found = namedBy(row);
  if (typeof found === 'string') return malformed(found);
  const facts = factsOf(row, realOf(validFrom), realOf(validUntil));
  const dates = [modified, validFrom, validUntil].filter((date) => date !== null);
  const emptyDates: readonly Note[] = dates.every((date) => realTime(date) !== null) ? [] : ['empty-date'];
  const { id: sourceId } = row;
  const sourceSystem = storableText(row.sourceSystem);
  return {
    kind: 'observations',
    observations: found.map(({ key, notes }) => ({
      sourceId,
      key,
      sourceSystem,
      sourceTime: time,
      modified: realOf(modified),
      facts: withNotes(facts, [...emptyDates, ...notes]),
    })),
  };
}

/** An indicator that a row names, and how it came to it. */
interface Named {
  readonly key: IndicatorKey;
  readonly notes: readonly Note[];
}

/** The indicators that a row names, or why it names none. Beside an observable of no use there may be others: a file's name, and its hash. */
function namedBy(row: SourceRow): readonly Named[] | string {
  if (row.observableKey.trim() === '' || row.observableValue.trim() === '') return namedByPattern(row.pattern);
  const observable = observableType(row.observableKey);
  if (!observable.ok) {
    const beside = namedByPattern(row.pattern, row.observableKey);
    if (typeof beside === 'string') return `ObservableKey: ${observable.reason}`;
    return beside.map(({ key, notes }) => ({ key, notes: [...notes, 'taken-from-pattern'] }));
  }
  const canonical = canonicalKey(observable.type, row.observableValue);
  return canonical.ok ? [named(canonical)] : `ObservableValue: ${canonical.reason}`;
}

/**
 * Comparisons of other kinds (a port, a file name) only narrow the supported ones beside them; alone they are refused. A pattern that is
 * read for want of another observable names that one, too: else it is about something else.
 */
function namedByPattern(pattern: string, beside?: string): readonly Named[] | string {
  if (pattern.trim() === '') return 'ObservableKey, ObservableValue and Pattern are empty';
  const read = readPattern(pattern);
  if (!read.ok) return `Pattern: ${read.reason} (at character ${read.position + 1})`;
  if (beside !== undefined && !read.comparisons.some(({ key }) => plainPath(key) === plainPath(beside))) {
    return 'Pattern: it does not name the observable of the row';
  }
  const found = new Map<string, Named>();
  let unsupported: string | null = null;
  for (const { key, value } of read.comparisons) {
    const observable = observableType(key);
    if (!observable.ok) {
      unsupported ??= observable.reason;
      continue;
    }
    const canonical = canonicalKey(observable.type, value);
    if (!canonical.ok) return `Pattern: ${canonical.reason}`;
    found.set(`${canonical.key.type} ${canonical.key.value}`, named(canonical));
  }
  return found.size > 0 ? [...found.values()] : `Pattern: ${unsupported ?? 'it names no observable'}`;
}

function named({ key, note }: { readonly key: IndicatorKey; readonly note?: Note }): Named {
  return { key, notes: note === undefined ? [] : [note] };
}

function factsOf(row: SourceRow, validFrom: string | null, validUntil: string | null): Facts {
  const column = splitTags(row.tags);
  const tags = [...column.texts, ...row.labels];
  const confidence = row.confidence !== null && Number.isNaN(row.confidence) ? null : row.confidence;
  const isFinite = confidence === null || Number.isFinite(confidence);
  const notes: readonly Note[] = [
    ...(row.notes ?? []),
    ...(column.leftOut ? (['unreadable-label'] as const) : []),
    ...(isFinite ? [] : (['unreadable-confidence'] as const)),
  ];
  return {
    threat: threatOf(row.threatTypes, tags),
    confidence: confidence === null || !isFinite ? null : Math.min(100, Math.max(0, Math.round(confidence))),
    validFrom,
    validUntil: validUntil === null ? null : sourceEnd(validUntil),
    tlp: tlpOf(row.markings, tags),
    tags: tidyTags(tags),
    description: descriptionOf(row),
    ended: endedOf(row),
    ...notesOf(notes),
  };
}

function withNotes(facts: Facts, more: readonly Note[]): Facts {
  return more.length === 0 ? facts : { ...facts, ...notesOf([...(facts.notes ?? []), ...more]) };
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

function realOf(time: string | null): string | null {
  return time === null ? null : realTime(time);
}

function hasControl(text: string): boolean {
  return /[\p{Cc}\p{Cs}]/u.test(text);
}

function malformed(reason: string): RowResult {
  return { kind: 'malformed', reason };
}
