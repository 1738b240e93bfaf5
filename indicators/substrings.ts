/** All of a set's texts together have no more characters than this: each may take some 100 bytes of memory. */
export const MOST_CHARACTERS = 1_000_000;

/**
 * A set of texts that are looked for anywhere in another one, all in one pass over it (the automaton of Aho and Corasick, 1975): a
 * look-up costs the length of the text, whatever the number and the form of the set's texts.
 */
export interface Substrings {
  /** False when there is no room for more. An empty text, which is in every text, is no entry. */
  readonly add: (text: string, at: number) => boolean;
  readonly find: (text: string) => number | null;
  /** Does now what the first look-up would have to do. */
  readonly close: () => void;
}

const ROOT = 0;
const UNITS = 65_536;

export function createSubstrings(): Substrings {
  /** From a node by a UTF-16 unit to the next one. */
  const next = new Map<number, number>();
  /** By node: the entry that ends there, or in a node that it falls back to. */
  const ends: (number | null)[] = [null];
  /** The nodes in the order in which they were made: parent and unit. */
  const made: (readonly [parent: number, unit: number])[] = [[ROOT, 0]];
  let fallBack: readonly number[] | null = null;

  const step = (from: number, unit: number, fall: readonly number[]): number => {
    for (let node = from; ; node = fall[node] ?? ROOT) {
      const to = next.get(node * UNITS + unit);
      if (to !== undefined) return to;
      if (node === ROOT) return ROOT;
    }
  };
  /** Shorter nodes first: each one's fall-back is shorter than itself. */
  const fallBacks = (): readonly number[] => {
    const depth: number[] = [0];
    for (const [node, [parent]] of made.entries()) if (node !== ROOT) depth[node] = (depth[parent] ?? 0) + 1;
    const order = [...made.keys()].sort((a, b) => (depth[a] ?? 0) - (depth[b] ?? 0));
    const fall: number[] = [];
    for (const node of order) {
      const [parent, unit] = made[node] ?? [ROOT, 0];
      const isShort = node === ROOT || parent === ROOT;
      fall[node] = isShort ? ROOT : step(fall[parent] ?? ROOT, unit, fall);
      if (node !== ROOT) ends[node] ??= ends[fall[node] ?? ROOT] ?? null;
    }
    return fall;
  };

  return {
    close() {
      fallBack ??= fallBacks();
    },
    add(text, at) {
      if (text === '') return true;
      if (made.length + text.length > MOST_CHARACTERS) return false;
      let node = ROOT;
      for (let index = 0; index < text.length; index += 1) {
        const edge = node * UNITS + text.charCodeAt(index);
        let to = next.get(edge);
        if (to === undefined) {
          to = made.length;
          next.set(edge, to);
          made.push([node, text.charCodeAt(index)]);
          ends.push(null);
        }
        node = to;
      }
      ends[node] ??= at;
      fallBack = null;
      return true;
    },
    find(text) {
      if (made.length === 1) return null;
      fallBack ??= fallBacks();
      let node = ROOT;
      for (let index = 0; index < text.length; index += 1) {
        node = step(node, text.charCodeAt(index), fallBack);
        const at = ends[node] ?? null;
        if (at !== null) return at;
      }
      return null;
    },
  };
}
