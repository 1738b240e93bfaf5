import type { Op, PatternProgram } from './pattern-program.ts';

/**
 * The steps that a matcher which backtracks takes for all matches of a pattern in a text, one after the other, as `replace` and `split`
 * look for them: never fewer than for the first one alone. V8's own matcher backtracks in the same order; what it saves by looking for
 * the first character in a faster way does not count here.
 *
 * @param most counting ends there: it is then more than anything linear.
 */
export function countSteps(program: PatternProgram, text: string, most: number): number {
  const steps = { taken: 0, most };
  const { unicode, sticky, anchored } = program;
  for (let from = 0; from <= text.length; ) {
    const end = runFrom(program.ops, program.slots, { text, unicode, from }, steps);
    if (steps.taken >= most) return most;
    if (end === null && (sticky || anchored)) break;
    from = end === null || end === from ? from + 1 : end;
  }
  return steps.taken;
}

interface Place {
  readonly text: string;
  readonly unicode: boolean;
  readonly from: number;
}

interface Branch {
  readonly pc: number;
  readonly at: number;
  readonly slots: readonly number[];
}

const NONE: readonly number[] = [];

/** Where the match that begins here ends. */
function runFrom(
  ops: readonly Op[],
  slotCount: number,
  { text, unicode, from }: Place,
  steps: { taken: number; readonly most: number },
): number | null {
  const later: Branch[] = [
    { pc: 0, at: from, slots: slotCount === 0 ? NONE : Array.from({ length: slotCount }, () => -1) },
  ];
  for (let branch = later.pop(); branch !== undefined; branch = later.pop()) {
    let { pc, at, slots } = branch;
    for (let op = ops[pc]; op !== undefined; op = ops[pc]) {
      steps.taken += 1;
      if (steps.taken >= steps.most) return null;
      if (op.op === 'done') return at;
      pc += 1;
      if (op.op === 'try') {
        later.push({ pc: op.second, at, slots });
        pc = op.first;
      } else if (op.op === 'jump') pc = op.to;
      else if (op.op === 'character') {
        const character = op.backward ? before(text, at, unicode) : after(text, at, unicode);
        if (character === '' || !op.matches(character)) break;
        at += op.backward ? -character.length : character.length;
      } else if (op.op === 'assert') {
        if (!op.holds(text, at)) break;
      } else if (op.op === 'look') {
        const seen = runFrom(op.program, slotCount, { text, unicode, from: at }, steps) !== null;
        if (seen === op.negate) break;
      } else if (op.op === 'turn-took') {
        if (slots[op.slot] === at) break;
      } else if (op.op === 'same-as') {
        const group = text.slice(slots[op.slot], slots[op.slot + 1]);
        steps.taken += group.length;
        if (op.backward ? !text.slice(0, at).endsWith(group) : !text.startsWith(group, at)) break;
        at += op.backward ? -group.length : group.length;
      } else slots = slots.with(op.op === 'group-ends' ? op.slot + 1 : op.slot, at);
    }
  }
  return null;
}

function after(text: string, at: number, unicode: boolean): string {
  const code = text.codePointAt(at);
  if (code === undefined) return '';
  return unicode ? String.fromCodePoint(code) : text.charAt(at);
}

function before(text: string, at: number, unicode: boolean): string {
  if (at === 0) return '';
  const pair = unicode && at > 1 ? text.slice(at - 2, at) : '';
  return pair !== '' && (pair.codePointAt(0) ?? 0) > 0xffff ? pair : text.charAt(at - 1);
}
