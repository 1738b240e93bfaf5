import type { Row } from './row.ts';
import type { Compiled } from './scope.ts';
import { datetimeOfTicks, parseDatetime, ticksOfDatetime } from './time.ts';
import { type Json, toBool, toDynamic, toNumber, toText, toWhole, type Value } from './value.ts';

type Build = (args: readonly Compiled[]) => (row: Row) => Value;

/** The scalar functions whose result depends on their arguments alone. */
export const FUNCTIONS: Readonly<Record<string, Build>> = {
  tolower: text((value) => value.toLowerCase()),
  toupper: text((value) => value.toUpperCase()),
  tostring: text((value) => value),
  strlen: text((value) => value.length),
  base64_decode_tostring: text((value) => Buffer.from(value, 'base64').toString('utf8')),
  toint: one(toWhole),
  tolong: one(toWhole),
  toreal: one(toNumber),
  todouble: one(toNumber),
  tobool: one(toBool),
  todatetime: one((value) => (typeof value === 'string' ? parseDatetime(value) : null)),
  parse_json: one(toDynamic),
  todynamic: one(toDynamic),
  isempty: one(isEmpty),
  isnotempty: one((value) => !isEmpty(value)),
  isnull: one((value) => value === null),
  isnotnull: one((value) => value !== null),
  not: one((value) => (typeof value === 'boolean' ? !value : null)),
  array_length: one((value) => (Array.isArray(value) ? value.length : null)),
  iff: cases,
  iif: cases,
  case: cases,
  coalesce: (args) => (row) => {
    for (const argument of args) {
      const value = argument.evaluate(row);
      if (!isEmpty(value)) return value;
    }
    return args.at(-1)?.type === 'string' ? '' : null;
  },
  strcat: (args) => (row) => args.map((argument) => toText(argument.evaluate(row))).join(''),
  substring: (args) => {
    const [source, start, length] = args;
    return (row) => {
      const from = number(start, row) ?? 0;
      const many = number(length, row);
      return toText(source?.evaluate(row) ?? null).slice(from, many === null ? undefined : from + many);
    };
  },
  split: ([source, delimiter, index]) => {
    return (row) => {
      const parts: readonly Json[] = toText(source?.evaluate(row) ?? null).split(
        toText(delimiter?.evaluate(row) ?? null),
      );
      const wanted = number(index, row);
      return wanted === null ? parts : parts.slice(wanted, wanted + 1);
    };
  },
  bin: ([value, size]) => {
    return (row) => floor(value?.evaluate(row) ?? null, size?.evaluate(row) ?? null);
  },
};

function one(apply: (value: Value) => Value): Build {
  return ([argument]) => {
    if (argument === undefined) return () => null;
    return (row) => apply(argument.evaluate(row));
  };
}

function text(apply: (value: string) => Value): Build {
  return one((value) => apply(toText(value)));
}

function isEmpty(value: Value): boolean {
  return value === null || value === '';
}

/** Condition, value, condition, value, …, otherwise. A null condition does not hold. */
function cases(args: readonly Compiled[]): (row: Row) => Value {
  const branches: { readonly condition: Compiled; readonly result: Compiled }[] = [];
  for (let index = 0; index + 1 < args.length; index += 2) {
    const condition = args[index];
    const result = args[index + 1];
    if (condition !== undefined && result !== undefined) branches.push({ condition, result });
  }
  const otherwise = args.length % 2 === 1 ? args.at(-1) : undefined;
  return (row) => {
    for (const { condition, result } of branches) if (condition.evaluate(row) === true) return result.evaluate(row);
    return otherwise?.evaluate(row) ?? null;
  };
}

function number(argument: Compiled | undefined, row: Row): number | null {
  return argument === undefined ? null : toWhole(argument.evaluate(row));
}

function floor(value: Value, size: Value): Value {
  if (typeof value === 'number' && typeof size === 'number') return Math.floor(value / size) * size;
  if (typeof size !== 'bigint' || size <= 0n) return null;
  if (typeof value === 'bigint') return value - (((value % size) + size) % size);
  if (typeof value !== 'string') return null;
  // Kusto's bins of time start at year 1, not at 1970: it matters for sizes that do not divide a day, such as weeks.
  const ticks = ticksOfDatetime(value) + TICKS_TO_1970;
  return datetimeOfTicks(ticks - (ticks % size) - TICKS_TO_1970);
}

const TICKS_TO_1970 = 621_355_968_000_000_000n;
