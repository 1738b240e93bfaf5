import type { Rendered } from '../destination.ts';

/** Requests of so many items, of what is new or of what is there; the same items give the same requests, whatever their order. */
export function plan(items: readonly Rendered[], most: number): readonly (readonly Rendered[])[] {
  const sorted = items.toSorted((a, b) => (a.batchKey === b.batchKey ? a.id - b.id : a.batchKey < b.batchKey ? -1 : 1));
  const requests: Rendered[][] = [];
  let open: Rendered[] = [];
  for (const item of sorted) {
    if (open.length === 0 || open.length === most || open[0]?.batchKey !== item.batchKey) {
      open = [];
      requests.push(open);
    }
    open.push(item);
  }
  return requests;
}

/** The requests for so many items: each id is looked for before and after, and the objects are sent between. */
export function requestsFor(items: readonly Rendered[], idsAtOnce: number): number {
  return 1 + 2 * Math.ceil(items.length / idsAtOnce);
}
