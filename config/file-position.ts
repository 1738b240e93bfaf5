import { type Document, isMap, isNode, isScalar, type LineCounter } from 'yaml';

export type Path = readonly (string | number)[];

/** Line and column, from 1, of what is at the path; of the nearest thing around it when it isn't there. */
export function positionOf(
  document: Document,
  lines: LineCounter,
  path: Path,
  of: 'key' | 'value',
): { line: number; column: number } {
  for (let length = path.length; length >= 0; length -= 1) {
    const offset = offsetOf(document, path.slice(0, length), length === path.length && of === 'value');
    if (offset !== null) {
      const { line, col } = lines.linePos(offset);
      return { line, column: col };
    }
  }
  return { line: 1, column: 1 };
}

/** The value's own place when that is what is wrong; the place of its key when something in it is missing. */
function offsetOf(document: Document, path: Path, ofValue: boolean): number | null {
  const node = document.getIn(path, true);
  const keyOffset = offsetOfKey(document, path);
  if (!isNode(node)) return keyOffset;
  if (ofValue && isScalar(node)) return node.range?.[0] ?? keyOffset;
  return keyOffset ?? node.range?.[0] ?? null;
}

function offsetOfKey(document: Document, path: Path): number | null {
  const parent = document.getIn(path.slice(0, -1), true);
  if (path.length === 0 || !isMap(parent)) return null;
  for (const { key } of parent.items) {
    if (isScalar(key) && key.value === path.at(-1)) return key.range?.[0] ?? null;
  }
  return null;
}
