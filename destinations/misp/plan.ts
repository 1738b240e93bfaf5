import type { Rendered } from '../destination.ts';

/** Far below what PHP takes as it is set up for MISP: 50 MB. (Source: MISP's installation guide, `post_max_size`.) */
const MOST_BYTES = 4_000_000;
/** Its uuid, its names and what stands between them. */
const FIELDS_BYTES = 400;

/** Requests of one event each, of what is new to it or of what it holds; the same items give the same requests, whatever their order. */
export function plan(items: readonly Rendered[], maxObjects: number): readonly (readonly Rendered[])[] {
  const sorted = items.toSorted((a, b) => compare(a.batchKey, b.batchKey) || a.id - b.id);
  const requests: Rendered[][] = [];
  let open: Rendered[] = [];
  let bytes = 0;
  for (const item of sorted) {
    const more = Buffer.byteLength(JSON.stringify([item.value, item.form])) + FIELDS_BYTES;
    const fits =
      open.length > 0 && open[0]?.batchKey === item.batchKey && open.length < maxObjects && bytes + more <= MOST_BYTES;
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

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
