import type { Copy } from './copies.ts';
import { KINDS, type Kind } from './kinds.ts';
import { instantOf } from './request-values.ts';

export type Comparison = '=' | '!=' | '>' | '>=' | '<' | '<=';
export type Matches = (copy: Copy) => boolean;

const TYPES: ReadonlyMap<string, readonly Kind[]> = new Map([
  ['ip', ['ip', 'ipv6']],
  ['hash', ['md5']],
]);

const TEXTS: ReadonlyMap<string, (copy: Copy) => string | null> = new Map([
  ['value', ({ value }) => value],
  ['status', ({ status }) => status],
  ['itype', ({ profile }) => profile.itype],
  ['meta.severity', ({ profile }) => profile.severity],
  ['tlp', ({ profile }) => profile.tlp],
  ['is_public', ({ profile }) => String(profile.isPublic)],
  ['import_session_id', ({ profile }) => profile.sessionId],
]);

const NUMBERS: ReadonlyMap<string, (copy: Copy) => number> = new Map([
  ['id', ({ id }) => id],
  ['update_id', ({ updateId }) => updateId],
  ['confidence', ({ profile }) => profile.confidence],
  ['feed_id', feedOf],
]);

const TIMES: ReadonlyMap<string, (copy: Copy) => number> = new Map([
  ['modified_ts', ({ modifiedAt }) => modifiedAt],
  ['created_ts', ({ createdAt }) => createdAt],
]);

/** What it means to compare a field of an observable with a text; null when the field, or the text for it, is not understood. */
export function compared(field: string, comparison: Comparison, text: string): Matches | null {
  const figure = NUMBERS.get(field) ?? TIMES.get(field);
  if (figure !== undefined) {
    const wanted = TIMES.has(field) ? instantOf(text) : /^\d{1,15}$/.test(text) ? Number(text) : null;
    return wanted === null ? null : (copy) => holds(figure(copy), comparison, wanted);
  }
  const equals = equality(field, text);
  if (equals === null || (comparison !== '=' && comparison !== '!=')) return null;
  return comparison === '=' ? equals : (copy) => !equals(copy);
}

/** 0 for what comes of none. */
export function feedOf({ profile }: Copy): number {
  return profile.origin?.feed ?? 0;
}

export function circlesOf({ profile }: Copy): readonly number[] {
  return profile.origin?.trustedCircles ?? [];
}

function equality(field: string, text: string): Matches | null {
  if (field === 'tags.name') return ({ profile }) => profile.tags.some(({ name }) => name === text);
  if (field === 'trusted_circle_ids') return (copy) => circlesOf(copy).some((circle) => String(circle) === text);
  if (field === 'type') {
    const kinds = TYPES.get(text) ?? KINDS.filter((kind) => kind === text);
    return ({ kind }) => kinds.includes(kind);
  }
  const read = TEXTS.get(field);
  return read === undefined ? null : (copy) => read(copy) === text;
}

function holds(figure: number, comparison: Comparison, wanted: number): boolean {
  switch (comparison) {
    case '=':
      return figure === wanted;
    case '!=':
      return figure !== wanted;
    case '>':
      return figure > wanted;
    case '>=':
      return figure >= wanted;
    case '<':
      return figure < wanted;
    case '<=':
      return figure <= wanted;
  }
}
