import type { Rendered } from '../destination.ts';
import { importRow } from '../threatstream-csv/csv-file.ts';
import { TAGGED_AT_ONCE } from './amend.ts';
import { observableForm } from './observable-form.ts';

/** What a request holds besides its items: the fields that they share. */
const ENVELOPE_BYTES = 32_768;

/** Requests of one batch key each, within the limits; the same items give the same requests, whatever their order. */
export function plan(
  items: readonly Rendered[],
  { maxObjects, maxBytes }: { readonly maxObjects: number; readonly maxBytes: number },
): readonly (readonly Rendered[])[] {
  const sorted = items.toSorted((a, b) => compare(a.batchKey, b.batchKey) || a.id - b.id);
  const requests: Rendered[][] = [];
  let open: Rendered[] = [];
  let bytes = 0;
  for (const item of sorted) {
    const more = bytesOf(item);
    const fits =
      open.length > 0 &&
      open[0]?.batchKey === item.batchKey &&
      open.length < (item.batchKey === 'change' ? Math.min(maxObjects, TAGGED_AT_ONCE) : maxObjects) &&
      bytes + more + ENVELOPE_BYTES <= maxBytes;
    if (!fits) {
      open = [];
      bytes = 0;
      requests.push(open);
    }
    open.push(item);
    bytes += more;
  }
  return requests;
}

/** Its share of a request: of a CSV, of a text, or of JSON. */
function bytesOf({ value, form, batchKey }: Rendered): number {
  if (batchKey.startsWith('["csv"')) return Buffer.byteLength(importRow({ value, ...observableForm.parse(form) }));
  if (batchKey.startsWith('["text"')) return Buffer.byteLength(value) + 1;
  return Buffer.byteLength(JSON.stringify([value, form]));
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
