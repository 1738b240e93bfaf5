/** The methods of texts that look through the whole of them, at worst; all others take a step. */
const WHOLE_TEXT = [
  'indexOf',
  'lastIndexOf',
  'includes',
  'split',
  'replace',
  'replaceAll',
  'toLowerCase',
  'toUpperCase',
  'normalize',
  'localeCompare',
  'isWellFormed',
  'toWellFormed',
  'padEnd',
  'padStart',
  'repeat',
  'concat',
] as const;
const WHOLE_LIST = [
  'includes',
  'indexOf',
  'lastIndexOf',
  'shift',
  'unshift',
  'splice',
  'concat',
  'slice',
  'join',
] as const;
const EACH_OF_LIST = ['map', 'filter', 'flatMap', 'find', 'findIndex', 'some', 'every', 'reduce', 'forEach'] as const;

/**
 * What some work costs, in characters and items that its built-in methods look at: of texts, lists, regular expressions and JSON. A match costs
 * from where it was looked for to its end, and no match the whole rest, as patterns are that are linear. What a loop does without any of
 * these does not count.
 */
export function workOf(work: () => void): number {
  let cost = 0;
  const undo: (() => void)[] = [];
  const watch = (
    target: object,
    name: string,
    price: (self: unknown, given: readonly unknown[], result: unknown, from: number) => number,
  ): void => {
    const original: unknown = Reflect.get(target, name);
    if (typeof original !== 'function') throw new Error(`There is no ${name}.`);
    const watched = function (this: unknown, ...given: unknown[]): unknown {
      const from = this instanceof RegExp && (this.global || this.sticky) ? this.lastIndex : 0;
      const result: unknown = Reflect.apply(original, this, given);
      cost += price(this, given, result, from);
      return result;
    };
    Object.defineProperty(target, name, { value: watched, configurable: true, writable: true });
    undo.push(() => Object.defineProperty(target, name, { value: original, configurable: true, writable: true }));
  };
  for (const name of WHOLE_TEXT) {
    watch(String.prototype, name, (self, _, result) =>
      (name === 'indexOf' || name === 'includes') && typeof result === 'number' && result >= 0
        ? result + 1
        : sizeOf(self) + 1,
    );
  }
  watch(String.prototype, 'trim', (self, _, result) => 1 + sizeOf(self) - sizeOf(result));
  for (const name of WHOLE_LIST) watch(Array.prototype, name, (self) => 1 + sizeOf(self));
  for (const name of EACH_OF_LIST) watch(Array.prototype, name, (self) => 1 + sizeOf(self));
  for (const name of ['sort', 'toSorted']) {
    watch(Array.prototype, name, (self) => 1 + sizeOf(self) * Math.ceil(Math.log2(sizeOf(self) + 1)));
  }
  watch(JSON, 'parse', (_, [text]) => sizeOf(text));
  watch(JSON, 'stringify', (_, __, result) => sizeOf(result));
  watch(RegExp.prototype, 'exec', (self, [text], match, from) => {
    if (isMatch(match)) return match.index + sizeOf(match[0]) - from + 1;
    return self instanceof RegExp && self.sticky ? 1 : sizeOf(text) - from + 1;
  });
  try {
    work();
  } finally {
    for (const one of undo) one();
  }
  return cost;
}

function isMatch(value: unknown): value is RegExpExecArray {
  return Array.isArray(value) && 'index' in value;
}

function sizeOf(value: unknown): number {
  return typeof value === 'string' || Array.isArray(value) ? value.length : 1;
}
