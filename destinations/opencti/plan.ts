import type { Rendered } from '../destination.ts';
import type { OpenCtiSettings } from './opencti-settings.ts';

/** What a push holds besides its indicators: the envelope, and the author. */
const ENVELOPE_BYTES = 8_192;

/** Pushes of what is new, or of what is held, within the limits; the same items give the same pushes, whatever their order. */
export function plan(
  items: readonly Rendered[],
  { maxObjects, maxBody }: Pick<OpenCtiSettings, 'maxObjects' | 'maxBody'>,
): readonly (readonly Rendered[])[] {
  const pushes: Rendered[][] = [];
  let bytes = 0;
  for (const item of items.toSorted((one, other) => byKeyThenId(one, other))) {
    const more = Buffer.byteLength(JSON.stringify(item.content)) + 1;
    const open = pushes.at(-1);
    const fits = open?.[0]?.batchKey === item.batchKey && open.length < maxObjects && bytes + more <= maxBody;
    if (open !== undefined && fits) {
      open.push(item);
      bytes += more;
    } else {
      pushes.push([item]);
      bytes = ENVELOPE_BYTES + more;
    }
  }
  return pushes;
}

function byKeyThenId(one: Rendered, other: Rendered): number {
  if (one.batchKey !== other.batchKey) return one.batchKey < other.batchKey ? -1 : 1;
  return one.id - other.id;
}
