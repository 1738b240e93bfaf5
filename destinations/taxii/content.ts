import { createHash } from 'node:crypto';

type Content = Readonly<Record<string, unknown>>;

/** What is ours in an indicator, whoever shows it: not its id and version, not `spec_version`, and nothing that a server adds. */
const TEXTS = ['created_by_ref', 'name', 'description', 'pattern', 'pattern_type', 'confidence'] as const;
const INSTANTS = ['valid_from', 'valid_until'] as const;
/** Without an order. */
const LISTS = ['indicator_types', 'labels', 'external_references', 'object_marking_refs'] as const;

/**
 * The same for two objects that say the same: instants are compared as instants, keys have no order, and what is `false` or empty by default
 * may be left out. (Source: OpenTAXII gives back microseconds and a `spec_version` of its own; medallion sorts the keys.)
 */
export function stixContentHash(object: Content): string {
  const texts = TEXTS.map((name) => object[name] ?? null);
  const instants = INSTANTS.map((name) => instantOf(object[name]));
  const lists = LISTS.map((name) => listOf(object[name]));
  const content = [...texts, ...instants, ...lists, object['revoked'] === true];
  return createHash('sha256').update(JSON.stringify(content)).digest('base64url').slice(0, 22);
}

/** Milliseconds; null for what is none. */
export function instantOf(value: unknown): number | null {
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? null : at;
}

function listOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map((each) => JSON.stringify(sorted(each))).sort() : [];
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
