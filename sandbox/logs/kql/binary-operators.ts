import type { Row } from './row.ts';
import type { Compiled } from './scope.ts';
import { datetimeOfTicks, ticksOfDatetime } from './time.ts';
import { toText, type Value } from './value.ts';

type Evaluate = (row: Row) => Value;
type Build = (left: Compiled, right: Compiled) => Evaluate;

/**
 * The operators by how they are written. Of nulls (Kusto's page "Null values"): two are neither equal nor unequal, one is
 * unequal to any value, and nothing is smaller or greater than one.
 */
export const BINARY: Readonly<Record<string, Build>> = {
  and: (left, right) => (row) => {
    const first = left.evaluate(row);
    if (first === false) return false;
    const second = right.evaluate(row);
    if (second === false) return false;
    return first === null || second === null ? null : true;
  },
  or: (left, right) => (row) => {
    const first = left.evaluate(row);
    if (first === true) return true;
    const second = right.evaluate(row);
    if (second === true) return true;
    return first === null || second === null ? null : false;
  },
  '==': values((a, b) => (a === null && b === null ? null : a === b)),
  '!=': values((a, b) => (a === null && b === null ? null : a !== b)),
  '<>': values((a, b) => (a === null && b === null ? null : a !== b)),
  '<': ordered((a, b) => a < b),
  '<=': ordered((a, b) => a <= b),
  '>': ordered((a, b) => a > b),
  '>=': ordered((a, b) => a >= b),
  '=~': texts((a, b) => a === b),
  '!~': texts((a, b) => a !== b),
  has: texts(hasTerm),
  '!has': texts((a, b) => !hasTerm(a, b)),
  contains: texts((a, b) => a.includes(b)),
  '!contains': texts((a, b) => !a.includes(b)),
  startswith: texts((a, b) => a.startsWith(b)),
  '!startswith': texts((a, b) => !a.startsWith(b)),
  endswith: texts((a, b) => a.endsWith(b)),
  '!endswith': texts((a, b) => !a.endsWith(b)),
  '+': (left, right) => sum(left, right, 1n),
  '-': (left, right) => sum(left, right, -1n),
};

/** The `in` family: how to test a value against a constant list; null for any other operator. */
export function membership(operator: string): ((left: Compiled, list: readonly Value[]) => Evaluate) | null {
  const match = /^(!?)in(~?)$/.exec(operator);
  if (match === null) return null;
  const wanted = match[1] === '';
  const exact = match[2] === '';
  return (left, list) => {
    const members = new Set<Value>(list.flat().map((item) => (exact ? item : toText(item).toLowerCase())));
    return exact
      ? (row) => members.has(left.evaluate(row)) === wanted
      : (row) => members.has(toText(left.evaluate(row)).toLowerCase()) === wanted;
  };
}

function values(test: (a: Value, b: Value) => Value): Build {
  return (left, right) => (row) => test(left.evaluate(row), right.evaluate(row));
}

function ordered(test: (a: string | number | bigint, b: string | number | bigint) => boolean): Build {
  return values((a, b) => {
    if (typeof a === 'string' && typeof b === 'string') return test(a, b);
    const isNumber = (value: Value) => typeof value === 'number' || typeof value === 'bigint';
    return isNumber(a) && isNumber(b) ? test(Number(a), Number(b)) : null;
  });
}

/** The case of letters means nothing to these. */
function texts(test: (a: string, b: string) => boolean): Build {
  return values((a, b) => test(toText(a).toLowerCase(), toText(b).toLowerCase()));
}

/** The words stand in the text with no letter or digit grown onto either end. */
function hasTerm(text: string, words: string): boolean {
  for (let at = text.indexOf(words); at !== -1; at = text.indexOf(words, at + 1)) {
    const end = at + words.length;
    if (isEdge(text[at - 1], words[0]) && isEdge(text[end], words.at(-1))) return true;
  }
  return false;
}

function isEdge(outside: string | undefined, inside: string | undefined): boolean {
  return outside === undefined || inside === undefined || !/[a-z0-9]/.test(outside) || !/[a-z0-9]/.test(inside);
}

function sum(left: Compiled, right: Compiled, sign: 1n | -1n): Evaluate {
  return (row) => {
    const a = left.evaluate(row);
    const b = right.evaluate(row);
    if (typeof a === 'number' && typeof b === 'number') return a + Number(sign) * b;
    if (typeof a === 'bigint' && typeof b === 'bigint') return a + sign * b;
    if (left.type === 'datetime' && typeof a === 'string') {
      if (typeof b === 'bigint') return datetimeOfTicks(ticksOfDatetime(a) + sign * b);
      if (right.type === 'datetime' && typeof b === 'string') return ticksOfDatetime(a) - ticksOfDatetime(b);
    }
    if (right.type === 'datetime' && typeof a === 'bigint' && typeof b === 'string' && sign === 1n) {
      return datetimeOfTicks(ticksOfDatetime(b) + a);
    }
    return null;
  };
}
