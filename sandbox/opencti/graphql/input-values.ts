import type { Operation, Value } from './document.ts';
import { filterGroup } from './filter-group.ts';
import { badInput } from './graphql-error.ts';

export type Inputs = ReadonlyMap<string, unknown>;

/** The values of the variables of an operation. (Source: GraphQL specification, 6.1.2.) Throws what is wrong with one. */
export function inputValues(operation: Operation, given: Readonly<Record<string, unknown>>): Inputs {
  const values = new Map<string, unknown>();
  for (const { name, type, preset } of operation.variables) {
    const value = given[name] ?? (preset === null || name in given ? null : plain(preset, values));
    if (value === null && type.endsWith('!')) {
      const problem = name in given ? 'must not be null' : 'was not provided';
      throw badInput(`Variable "$${name}" of ${name in given ? 'non-null' : 'required'} type "${type}" ${problem}.`);
    }
    if (value !== null) checkType(`Variable "$${name}"`, type.replace(/!$/, ''), value);
    values.set(name, value);
  }
  return values;
}

/** A value with its variables put in. */
export function plain(value: Value, inputs: Inputs): unknown {
  if (value.kind === 'variable') return inputs.get(value.name) ?? null;
  if (value.kind === 'list') return value.items.map((item) => plain(item, inputs));
  if (value.kind === 'object')
    return Object.fromEntries([...value.fields].map(([name, item]) => [name, plain(item, inputs)]));
  return value.value;
}

/** Throws where a value is not of a type that the stand-in knows. */
export function checkType(what: string, type: string, value: unknown): void {
  const shown = JSON.stringify(value);
  if (type === 'Int' && !Number.isInteger(value))
    throw badInput(`${what} got invalid value ${shown}; Int cannot represent non-integer value: ${shown}`);
  if (type === 'String' && typeof value !== 'string')
    throw badInput(`${what} got invalid value ${shown}; String cannot represent a non string value: ${shown}`);
  if (type !== 'FilterGroup') return;
  const issue = filterGroup.safeParse(value).error?.issues[0];
  if (issue !== undefined) {
    const at = ['filters', ...issue.path].join('.');
    throw badInput(`${what} got invalid value ${shown} at "${at}"; ${issue.message}.`);
  }
}
