import { compileExpression } from './compile-expression.ts';
import type { KustoNode } from './parse-query.ts';
import { unsupported } from './query-error.ts';
import { NO_ROW, type Row } from './row.ts';
import type { Compiled, Scope } from './scope.ts';
import { child, elements, nameOf } from './tree.ts';
import { type Json, toText, type Value } from './value.ts';

/** What one aggregate knows of one group. */
export interface Tally {
  add(row: Row): void;
  /** By the position of the output column among those of the aggregate. */
  value(column: number): Value;
}

export interface Aggregate {
  /** How many output columns it fills; `rest` fills one for every column that is no key and not the one compared. */
  readonly outputs: number | 'rest';
  create(): Tally;
  /** For `rest`: the row that the columns are taken from. */
  winner(tally: Tally): Row | null;
}

/** An aggregate of a `summarize`. Throws `QueryError` for one that is not stood in for. */
export function compileAggregate(node: KustoNode, scope: Scope): Aggregate {
  if (node.kind !== 'FunctionCallExpression') throw unsupported('the aggregate', node.text);
  const name = nameOf(child(node, 'Name'));
  const nodes = elements(child(child(node, 'ArgumentList'), 'Expressions'));
  const star = nodes[1]?.kind === 'StarExpression';
  const args = (star ? nodes.slice(0, 1) : nodes).map((argument) => compileExpression(argument, scope));
  const [first] = args;
  switch (name) {
    case 'count':
      return simple(() => counting(() => true));
    case 'countif':
      return simple(() => counting((row) => first?.evaluate(row) === true));
    case 'dcount':
      return simple(() => distinct(first, (values) => values.size));
    case 'make_set':
      return simple(() => distinct(first, (values) => [...values.values()]));
    case 'min':
      return simple(() => new Extreme([first ?? NOTHING], -1));
    case 'max':
      return simple(() => new Extreme([first ?? NOTHING], 1));
    case 'arg_max':
    case 'arg_min': {
      const sign = name === 'arg_max' ? 1 : -1;
      return {
        outputs: star ? 'rest' : args.length,
        create: () => new Extreme(args, sign),
        winner: (tally) => (tally instanceof Extreme ? tally.row : null),
      };
    }
    default:
      throw unsupported('the aggregate', name);
  }
}

const NOTHING: Compiled = { type: 'dynamic', constant: true, pure: true, text: '', evaluate: () => null };

function simple(create: () => Tally): Aggregate {
  return { outputs: 1, create, winner: () => null };
}

function counting(holds: (row: Row) => boolean): Tally {
  let count = 0;
  return {
    add: (row) => {
      if (holds(row)) count += 1;
    },
    value: () => count,
  };
}

function distinct(subject: Compiled | undefined, result: (values: ReadonlyMap<string, Json>) => Value): Tally {
  const values = new Map<string, Json>();
  return {
    add: (row) => {
      const value = subject?.evaluate(row) ?? null;
      if (value === null) return;
      values.set(`${typeof value} ${toText(value)}`, typeof value === 'bigint' ? toText(value) : value);
    },
    value: () => result(values),
  };
}

/** The row with the greatest (or smallest) value of the first expression, nulls losing to anything; the first of equal ones. */
class Extreme implements Tally {
  readonly #expressions: readonly Compiled[];
  readonly #sign: 1 | -1;
  #best: Value = null;
  row: Row | null = null;

  constructor(expressions: readonly Compiled[], sign: 1 | -1) {
    this.#expressions = expressions;
    this.#sign = sign;
  }

  add(row: Row): void {
    const value = this.#expressions[0]?.evaluate(row) ?? null;
    if (this.row !== null && (value === null || (this.#best !== null && compare(value, this.#best) * this.#sign <= 0)))
      return;
    this.#best = value;
    this.row = row;
  }

  value(column: number): Value {
    return column === 0 ? this.#best : (this.#expressions[column]?.evaluate(this.row ?? NO_ROW) ?? null);
  }
}

/** Of two values of one type that are not null. */
export function compare(a: Value, b: Value): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'bigint' && typeof b === 'bigint') return a < b ? -1 : Number(a > b);
  const [first, second] = [toText(a), toText(b)];
  return first < second ? -1 : Number(first > second);
}
