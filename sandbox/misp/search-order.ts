import type { AttributeRecord } from './records.ts';

type Compare = (one: AttributeRecord, other: AttributeRecord) => number;

/** Of those that can be ordered by, the ones that are known here. (Source: MISP 2.5.1, MispAttribute::restSearch.) */
const FIELDS: ReadonlyMap<string, (attribute: AttributeRecord) => number> = new Map([
  ['id', ({ id }) => id],
  ['event_id', ({ eventId }) => eventId],
  ['timestamp', ({ timestamp }) => timestamp],
]);

/**
 * A field or several, as a list or with commas between them, each with its direction. What is not understood leaves all of it out of account;
 * then they come as they are stored. (Source: MISP 2.5.1, AppModel::findOrder.)
 */
export function orderOf(asked: unknown, isKept: boolean): Compare {
  const rules: readonly unknown[] = Array.isArray(asked) ? asked : typeof asked === 'string' ? asked.split(',') : [];
  const compares = rules.map((rule) => (typeof rule === 'string' ? compareBy(rule) : null));
  const known = compares.filter((compare) => compare !== null);
  if (!isKept || known.length < compares.length) return byId;
  return (one, other) => {
    for (const compare of known) {
      const order = compare(one, other);
      if (order !== 0) return order;
    }
    return byId(one, other);
  };
}

function byId(one: AttributeRecord, other: AttributeRecord): number {
  return one.id - other.id;
}

function compareBy(rule: string): Compare | null {
  const [path = '', direction = 'asc'] = rule.trim().split(' ');
  const field = FIELDS.get(path.replace(/^Attribute\./, '').toLowerCase());
  if (field === undefined) return null;
  const sign = direction.toLowerCase() === 'desc' ? -1 : 1;
  return (one, other) => sign * (field(one) - field(other));
}
