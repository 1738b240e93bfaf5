import type { Rendered } from '../destination.ts';
import type { FileSettings } from './file-settings.ts';
import { contentOf } from './render.ts';

/** What a file has besides its items: a header, or the identity and the markings. */
const ENVELOPE_BYTES = 8_192;

/** Files of one batch key each, within the limits; the same items give the same files, whatever their order. */
export function plan(
  items: readonly Rendered[],
  { maxObjects, maxBytes }: Pick<FileSettings, 'maxObjects' | 'maxBytes'>,
): readonly (readonly Rendered[])[] {
  const sorted = items.toSorted((a, b) => compare(a.batchKey, b.batchKey) || a.id - b.id);
  const files: Rendered[][] = [];
  let open: Rendered[] = [];
  let bytes = 0;
  for (const item of sorted) {
    const more = contentOf(item).pieces.reduce((sum, piece) => sum + Buffer.byteLength(piece) + 2, 0);
    const fits =
      open.length > 0 &&
      open.length < maxObjects &&
      open[0]?.batchKey === item.batchKey &&
      bytes + more + ENVELOPE_BYTES <= maxBytes;
    if (!fits) {
      open = [];
      bytes = 0;
      files.push(open);
    }
    open.push(item);
    bytes += more;
  }
  return files;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
