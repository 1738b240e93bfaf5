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
  const escaped = key(wanted).replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  const pattern = new RegExp(`^${escaped.replaceAll('%', '.*').replaceAll('_', '.')}$`, 's');
  return (value) => pattern.test(key(value));
}

function textsOf(sent: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(sent) ? sent : [sent];
  return list.flatMap((one) => textOf(one) ?? []);
}
