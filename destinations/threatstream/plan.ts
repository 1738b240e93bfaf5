import type { Rendered } from '../destination.ts';
import { TAGGED_AT_ONCE } from './amend.ts';

/** What a request holds besides its items: the fields that they share. */
const ENVELOPE_BYTES = 32_768;

/** Requests of one group each, within the limits; the same items give the same requests, whatever their order. */
export function plan(
  items: readonly Rendered[],
  { maxObjects, maxBytes }: { readonly maxObjects: number; readonly maxBytes: number },
): readonly (readonly Rendered[])[] {
  const sorted = items.toSorted((a, b) => compare(a.group, b.group) || a.id - b.id);
  const requests: Rendered[][] = [];
  let open: Rendered[] = [];
  let bytes = 0;
  for (const item of sorted) {
    const fits =
      open.length > 0 &&
      open[0]?.group === item.group &&
      open.length < (item.group === 'change' ? Math.min(maxObjects, TAGGED_AT_ONCE) : maxObjects) &&
      bytes + item.bytes + ENVELOPE_BYTES <= maxBytes;
    if (!fits) {
      open = [];
      bytes = 0;
      requests.push(open);
    }
    open.push(item);
    bytes += item.bytes;
  }
  return requests;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
