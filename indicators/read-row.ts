import { canonicalKey } from './canonical.ts';
import type { Facts, IndicatorKey, Observation } from './indicator.ts';
import { typeOfKey } from './observable-key.ts';
import type { SourceRow } from './source-row.ts';
import { type Comparison, parsePattern } from './stix-pattern.ts';
import { threatOf } from './threat.ts';
import { sourceTime } from './time.ts';
import { isTlpTag, tlpOf } from './tlp.ts';

export type RowResult =
  /** At least one: a row whose pattern names several observables speaks of several indicators. */
  | { readonly kind: 'observations'; readonly observations: readonly Observation[] }
  | { readonly kind: 'malformed'; readonly reason: string };

const LONGEST_TAG = 200;
const LONGEST_DESCRIPTION = 1_000;

class Unreadable extends Error {}

/** Reads one source row. What cannot be used is malformed, with a reason that names the column and not the value. */
export function readRow(row: SourceRow): RowResult {
  try {
    const keys = keysOf(row);
    const facts = factsOf(row);
    const base = {
      sourceId: row.id,
      sourceSystem: row.sourceSystem,
      sourceTime: time('TimeGenerated', row.timeGenerated),
      modified: optionalTime('Modified', row.modified),
      facts,
    };
    return { kind: 'observations', observations: keys.map((key) => ({ ...base, key })) };
  } catch (error) {
    if (error instanceof Unreadable) return { kind: 'malformed', reason: error.message };
    throw error;
  }
}

function keysOf(row: SourceRow): readonly IndicatorKey[] {
  if (row.id === '') throw new Unreadable('Id is empty');
  if (row.observableValue !== '')
    return [keyOf({ path: row.observableKey, value: row.observableValue }, 'ObservableKey')];
  if (row.pattern === '') throw new Unreadable('ObservableValue and Pattern are empty');
  const parsed = parsePattern(row.pattern);
  if (!parsed.ok) throw new Unreadable(`Pattern: ${parsed.reason}`);
  const keys = new Map<string, IndicatorKey>();
  for (const comparison of parsed.comparisons) {
    const key = keyOf(comparison, 'Pattern');
    keys.set(`${key.type} ${key.value}`, key);
  }
  return [...keys.values()];
}

function keyOf({ path, value }: Comparison, column: string): IndicatorKey {
  const type = typeOfKey(path);
  if (type === null) throw new Unreadable(`${column}: observables of the kind "${path.slice(0, 60)}" are not moved`);
  const result = canonicalKey(type, value);
  if (!result.ok) throw new Unreadable(`ObservableValue: ${result.reason}`);
  return result.key;
}

function factsOf(row: SourceRow): Facts {
  const tags = tagsOf(row.tags);
  const words = [...tags, ...row.labels];
  return {
    threat: threatOf([...row.threatTypes, ...words]),
    confidence: confidenceOf(row.confidence),
    validFrom: optionalTime('ValidFrom', row.validFrom),
    validUntil: optionalTime('ValidUntil', row.validUntil),
    tlp: tlpOf([...row.markings, ...words.filter(isTlpTag)]),
    tags: [...new Set(words.map((word) => word.trim()).filter(isTag))].sort(),
    description: (row.description || row.name).trim().slice(0, LONGEST_DESCRIPTION) || null,
    ended: endingOf(row),
  };
}

/** Null columns mean nothing was said: deleted and revoked only when true, inactive only when false. */
function endingOf({ isDeleted, revoked, isActive }: SourceRow): Facts['ended'] {
  if (isDeleted === true) return 'deleted';
  if (revoked === true) return 'revoked';
  return isActive === false ? 'inactive' : null;
}

function isTag(text: string): boolean {
  return text !== '' && text.length <= LONGEST_TAG && !isTlpTag(text);
}

/** Comma-separated, or a JSON array of strings. */
function tagsOf(text: string): readonly string[] {
  const trimmed = text.trim();
  if (!trimmed.startsWith('[')) return trimmed.split(',');
  try {
    const parsed: unknown = JSON.parse(trimmed);
    if (Array.isArray(parsed)) return parsed.filter((tag) => typeof tag === 'string');
  } catch {
    // A tag list that only looks like JSON is read as text.
  }
  return trimmed.replaceAll(/[[\]"]/g, '').split(',');
}

function confidenceOf(confidence: number | null): number | null {
  if (confidence === null) return null;
  if (!Number.isFinite(confidence) || confidence < 0 || confidence > 100) {
    throw new Unreadable('Confidence is not a number from 0 to 100');
  }
  return Math.round(confidence);
}

function time(column: string, text: string): string {
  const normal = sourceTime(text);
  if (normal === null) throw new Unreadable(`${column} is not a time`);
  return normal;
}

function optionalTime(column: string, text: string | null): string | null {
  return text === null || text.trim() === '' ? null : time(column, text);
}
