import type { Rendered } from '../destination.ts';
import { readForm } from './upload-form.ts';

/** Requests of what is new or of what is held, of so many objects at most; the same items give the same requests, whatever their order. */
export function plan(items: readonly Rendered[], maxObjects: number): readonly (readonly Rendered[])[] {
  const sorted = items.toSorted((a, b) => compare(a.batchKey, b.batchKey) || a.id - b.id);
  const requests: Rendered[][] = [];
  let open: Rendered[] = [];
  let objects = 0;
  for (const item of sorted) {
    const more = objectsOf(item);
    if (open.length === 0 || open[0]?.batchKey !== item.batchKey || objects + more > maxObjects) {
      open = [];
      objects = 0;
      requests.push(open);
    }
    open.push(item);
    objects += more;
  }
  return requests;
}

/** With those that are revoked in its stead. */
function objectsOf({ form }: Rendered): number {
  return 1 + (readForm(form)?.replaces.length ?? 0);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
