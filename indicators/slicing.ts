import type { Slice, Window } from './window.ts';

/** Kusto's `hash(x, n)` is even; more buckets than this would only repeat single values. */
export const MOST_BUCKETS = 65_536;

/** Slices of about `targetRows` rows each, by hash bucket; none for an empty window. */
export function planSlices(
  window: Window,
  rows: number,
  { targetRows }: { readonly targetRows: number },
): readonly Slice[] {
  const buckets = Math.min(MOST_BUCKETS, Math.ceil(rows / targetRows));
  return Array.from({ length: buckets }, (_, bucket) => ({ from: window.from, to: window.to, bucket, buckets }));
}

/**
 * Two slices that hold just what this one holds: bucket b of n is b and b+n of 2n, since hash mod 2n decides hash mod n. Once
 * buckets are as fine as values, the interval is halved; null when that is a second long and neither can be halved.
 */
export function halve(slice: Slice): readonly [Slice, Slice] | null {
  const { from, to, bucket, buckets } = slice;
  if (buckets * 2 <= MOST_BUCKETS) {
    return [
      { from, to, bucket, buckets: buckets * 2 },
      { from, to, bucket: bucket + buckets, buckets: buckets * 2 },
    ];
  }
  const start = Date.parse(from);
  const end = Date.parse(to);
  if (end - start <= 1_000) return null;
  const middle = new Date(start + Math.floor((end - start) / 2)).toISOString();
  return [
    { ...slice, to: middle },
    { ...slice, from: middle },
  ];
}

/** Short, and unique to the slice: `3/8@2026-11-24T08:00Z..2026-11-24T08:15Z`. */
export function sliceName({ from, to, bucket, buckets }: Slice): string {
  return `${bucket}/${buckets}@${shortTime(from)}..${shortTime(to)}`;
}

/** Without a fraction, and then seconds, that are zero. */
function shortTime(time: string): string {
  return time.replace(/\.000Z$/, 'Z').replace(/(T\d\d:\d\d):00Z$/, '$1Z');
}
