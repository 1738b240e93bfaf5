import { type AST, RegExpParser } from '@eslint-community/regexpp';

/** One step of a matcher that backtracks, as V8's does. */
export type Op =
  | { readonly op: 'character'; readonly matches: (character: string) => boolean; readonly backward: boolean }
  | { readonly op: 'try'; readonly first: number; readonly second: number }
  | { readonly op: 'jump'; readonly to: number }
  | { readonly op: 'assert'; readonly holds: (text: string, at: number) => boolean }
  | { readonly op: 'look'; readonly program: readonly Op[]; readonly negate: boolean }
  /** Remembers the position, and declines a further turn of a loop that has taken nothing. */
  | { readonly op: 'turn-begins' | 'turn-took'; readonly slot: number }
  | { readonly op: 'group-begins' | 'group-ends'; readonly slot: number }
  | { readonly op: 'same-as'; readonly slot: number; readonly backward: boolean }
  | { readonly op: 'done' };

export interface PatternProgram {
  readonly ops: readonly Op[];
  readonly slots: number;
  readonly unicode: boolean;
  readonly sticky: boolean;
  /** It can match at the beginning of the text alone, and V8 looks nowhere else. */
  readonly anchored: boolean;
  /** Everything by which it tells characters apart. */
  readonly classes: readonly ((character: string) => boolean)[];
  readonly pattern: AST.Pattern;
}

/** @throws Error for a pattern with something that is not known here: it cannot be judged. */
export function compilePattern(source: string, flags: string): PatternProgram {
  const literal = new RegExpParser({ ecmaVersion: 2025 }).parseLiteral(`/${source}/${flags}`);
  const unicode = flags.includes('u') || flags.includes('v');
  const classes: ((character: string) => boolean)[] = [];
  let slots = 0;
  const slotOf = new Map<AST.CapturingGroup, number>();

  const classOf = (raw: string): ((character: string) => boolean) => {
    const own = new RegExp(`^(?:${raw})$`, flags.replace(/[gymd]/g, ''));
    const known = new Map<string, boolean>();
    const matches = (character: string): boolean => {
      const before = known.get(character);
      if (before !== undefined) return before;
      const now = own.test(character);
      known.set(character, now);
      return now;
    };
    classes.push(matches);
    return matches;
  };

  const groupSlot = (group: AST.CapturingGroup): number => {
    const slot = slotOf.get(group) ?? slots;
    if (!slotOf.has(group)) {
      slotOf.set(group, slot);
      slots += 2;
    }
    return slot;
  };

  function either(alternatives: readonly AST.Alternative[], ops: Op[], backward: boolean): void {
    const ends: number[] = [];
    alternatives.forEach((alternative, index) => {
      const isLast = index === alternatives.length - 1;
      const fork = ops.length;
      if (!isLast) ops.push({ op: 'done' });
      const elements = backward ? alternative.elements.toReversed() : alternative.elements;
      for (const element of elements) one(element, ops, backward);
      if (isLast) return;
      ends.push(ops.length);
      ops.push({ op: 'done' });
      ops[fork] = { op: 'try', first: fork + 1, second: ops.length };
    });
    for (const end of ends) ops[end] = { op: 'jump', to: ops.length };
  }

  function one(node: AST.Element, ops: Op[], backward: boolean): void {
    switch (node.type) {
      case 'Character':
      case 'CharacterSet':
      case 'CharacterClass':
        ops.push({ op: 'character', matches: classOf(node.raw), backward });
        return;
      case 'Group':
        if (node.modifiers !== null) throw new Error('Modifiers in a group are not known here.');
        either(node.alternatives, ops, backward);
        return;
      case 'CapturingGroup': {
        const slot = groupSlot(node);
        ops.push({ op: backward ? 'group-ends' : 'group-begins', slot });
        either(node.alternatives, ops, backward);
        ops.push({ op: backward ? 'group-begins' : 'group-ends', slot });
        return;
      }
      case 'Quantifier':
        repeat(node, ops, backward);
        return;
      case 'Assertion':
        assertion(node, ops);
        return;
      case 'Backreference':
        if (Array.isArray(node.resolved)) throw new Error('A reference to several groups is not known here.');
        ops.push({ op: 'same-as', slot: groupSlot(node.resolved), backward });
        return;
      case 'ExpressionCharacterClass':
        throw new Error(`${node.type} is not known here.`);
    }
  }

  function repeat({ element, min, max, greedy }: AST.Quantifier, ops: Op[], backward: boolean): void {
    for (let turn = 0; turn < min; turn += 1) one(element, ops, backward);
    const fork = (at: number, end: number): Op =>
      greedy ? { op: 'try', first: at + 1, second: end } : { op: 'try', first: end, second: at + 1 };
    if (max === Number.POSITIVE_INFINITY) {
      const slot = slots;
      slots += 1;
      const at = ops.length;
      ops.push({ op: 'done' }, { op: 'turn-begins', slot });
      one(element, ops, backward);
      ops.push({ op: 'turn-took', slot }, { op: 'jump', to: at });
      ops[at] = fork(at, ops.length);
      return;
    }
    const forks: number[] = [];
    for (let turn = min; turn < max; turn += 1) {
      forks.push(ops.length);
      ops.push({ op: 'done' });
      one(element, ops, backward);
    }
    for (const at of forks) ops[at] = fork(at, ops.length);
  }

  function assertion(node: AST.Assertion, ops: Op[]): void {
    if (node.kind === 'lookahead' || node.kind === 'lookbehind') {
      const inner: Op[] = [];
      either(node.alternatives, inner, node.kind === 'lookbehind');
      inner.push({ op: 'done' });
      ops.push({ op: 'look', program: inner, negate: node.negate });
      return;
    }
    const telling = node.kind === 'word' ? /\w/ : flags.includes('m') ? /[\n\r\u2028\u2029]/ : null;
    if (telling !== null) classes.push((character) => telling.test(character));
    const own = new RegExp(node.raw, `${flags.replace(/[gyd]/g, '')}y`);
    // The two characters around a place are all that these look at.
    ops.push({
      op: 'assert',
      holds(text, at) {
        const from = Math.max(0, at - 1);
        const around = text.slice(from, at + 1);
        if (node.kind === 'start' && at > 0 && !flags.includes('m')) return false;
        if (node.kind === 'end' && at < text.length && !flags.includes('m')) return false;
        own.lastIndex = at - from;
        return own.test(around);
      },
    });
  }

  const ops: Op[] = [];
  either(literal.pattern.alternatives, ops, false);
  ops.push({ op: 'done' });
  return {
    ops,
    slots,
    unicode,
    sticky: flags.includes('y'),
    anchored: !flags.includes('m') && literal.pattern.alternatives.every(beginsAnchored),
    classes,
    pattern: literal.pattern,
  };
}

function beginsAnchored({ elements: [first] }: AST.Alternative): boolean {
  return first?.type === 'Assertion' && first.kind === 'start';
}
