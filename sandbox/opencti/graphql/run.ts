import { applies } from './check-document.ts';
import type { Document, Field, Selection } from './document.ts';
import { namedType, SCHEMA } from './schema.ts';

/** The fields that are selected of something of a type, those of fragments among them. */
export function fieldsOf(selections: readonly Selection[], type: string, document: Document): Field[] {
  return selections.flatMap((selection): Field[] => {
    if (selection.kind === 'field') return [selection];
    const fragment = selection.kind === 'inline' ? selection : document.fragments.get(selection.fragment);
    if (fragment === undefined || (fragment.on !== null && !applies(fragment.on, type))) return [];
    return fieldsOf(fragment.selections, type, document);
  });
}

/** What is selected of a value, under the names that were asked for. */
export function selected(value: unknown, field: Field, type: string, document: Document): unknown {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return value.map((item) => selected(item, field, type, document));
  const shape = SCHEMA.get(type);
  if (field.selections === null || shape === undefined || typeof value !== 'object') return value;
  const members = new Map<string, unknown>(Object.entries(value));
  return Object.fromEntries(
    fieldsOf(field.selections, type, document).map((one) => [
      one.alias,
      one.name === '__typename'
        ? type
        : selected(members.get(one.name), one, namedType(shape.get(one.name)?.type ?? ''), document),
    ]),
  );
}
