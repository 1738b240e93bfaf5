import { isFields, textOf } from './loose.ts';

/** What a search wants of one field: any of these, and none of those. */
export interface Filter {
  readonly any: readonly string[];
  readonly none: readonly string[];
}

/**
 * A text is parted at `&&`, and what begins with `!` is unwanted, in lists too. Nothing at all is no filter: null.
 * (Source: MISP 2.5.1, AppModel::convert_filters, and the `empty` before each filter.)
 */
export function filterOf(sent: unknown): Filter | null {
  if (isFields(sent)) {
    const any = [...textsOf(sent['OR']), ...textsOf(sent['AND'])];
    const none = textsOf(sent['NOT']);
    return any.length + none.length === 0 ? null : { any, none };
  }
  const parts = Array.isArray(sent) ? textsOf(sent) : (textOf(sent)?.split('&&') ?? []).filter((part) => part !== '');
  if (parts.length === 0) return null;
  return {
    any: parts.filter((part) => !part.startsWith('!')),
    none: parts.flatMap((part) => (part.startsWith('!') ? [part.slice(1)] : [])),
  };
}

export function passes({ any, none }: Filter, fits: (wanted: string) => boolean): boolean {
  return (any.length === 0 || any.some(fits)) && !none.some(fits);
}

/** With a `%` at its beginning or end it is a pattern, in which every `%` and `_` stands for something. (Source: MISP 2.5.1, generic_add_filter.) */
export function matcher(wanted: string, key: (value: string) => string): (value: string) => boolean {
  if (!wanted.startsWith('%') && !wanted.endsWith('%')) return (value) => key(value) === key(wanted);
  const pattern = key(wanted);
  return (value) => isLike(key(value), pattern);
}

/** SQL's LIKE, without its escapes: what a `%` has taken is given back a letter at a time, and only by the last one. */
function isLike(text: string, pattern: string): boolean {
  let [at, place, star, from] = [0, 0, -1, 0];
  while (at < text.length) {
    const wanted = pattern[place];
    if (wanted === '%') {
      star = place;
      place += 1;
      from = at;
    } else if (wanted === '_' || (wanted !== undefined && wanted === text[at])) {
      place += 1;
      at += 1;
    } else if (star >= 0) {
      place = star + 1;
      from += 1;
      at = from;
    } else {
      return false;
    }
  }
  return pattern.slice(place).replaceAll('%', '') === '';
}

function textsOf(sent: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(sent) ? sent : [sent];
  return list.flatMap((one) => textOf(one) ?? []);
}
