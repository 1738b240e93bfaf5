/**
 * Where the items of each group begin among all items of a window, in batches of `size`: group after group by their keys. A group begins
 * a new batch where it would else be spread over one more than it fills, since each batch makes requests of its own.
 */
export function batchPlaces(
  groups: ReadonlyMap<string, number>,
  size: number,
): { readonly begins: ReadonlyMap<string, number>; readonly end: number } {
  const begins = new Map<string, number>();
  let end = 0;
  for (const [key, items] of [...groups].sort(byKey)) {
    const used = end % size;
    if (Math.ceil((used + items) / size) > Math.ceil(items / size)) end += size - used;
    begins.set(key, end);
    end += items;
  }
  return { begins, end };
}

function byKey([one]: readonly [string, number], [other]: readonly [string, number]): number {
  return one < other ? -1 : 1;
}
