import type { Document, Field, Operation, Selection, Value } from './document.ts';
import { invalid } from './graphql-error.ts';
import { type FieldShape, INTERFACES, namedType, SCHEMA } from './schema.ts';

const ROOTS: Readonly<Record<string, string>> = { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' };

/** Throws what GraphQL finds wrong with a query before it runs any of it; names of similar fields are not suggested. (Source: GraphQL specification, 5.) */
export function checkDocument(document: Document, operation: Operation): void {
  const named = operation.name === null ? '' : ` in operation "${operation.name}"`;
  const used = new Set<string>();
  const types = new Map(operation.variables.map(({ name, type }) => [name, type]));

  const checkValue = (value: Value, expected: string | null): void => {
    if (value.kind === 'list') for (const item of value.items) checkValue(item, null);
    if (value.kind === 'object') for (const item of value.fields.values()) checkValue(item, null);
    if (value.kind !== 'variable') return;
    const type = types.get(value.name);
    if (type === undefined) throw invalid(`Variable "$${value.name}" is not defined${named.replace(' in', ' by')}.`);
    used.add(value.name);
    if (expected !== null && !fits(type, expected))
      throw invalid(`Variable "$${value.name}" of type "${type}" used in position expecting type "${expected}".`);
  };

  const checkField = (field: Field, on: string): void => {
    if (field.name === '__typename') return;
    const shape = SCHEMA.get(on)?.get(field.name);
    if (shape === undefined) throw invalid(`Cannot query field "${field.name}" on type "${on}".`);
    checkArguments(field, on, shape);
    const inner = namedType(shape.type);
    if (SCHEMA.has(inner)) {
      if (field.selections === null)
        throw invalid(`Field "${field.name}" of type "${shape.type}" must have a selection of subfields.`);
      checkSelections(field.selections, inner);
    } else if (field.selections !== null) {
      throw invalid(`Field "${field.name}" must not have a selection since type "${shape.type}" has no subfields.`);
    }
  };

  const checkArguments = (field: Field, on: string, { args }: FieldShape): void => {
    for (const [name, value] of field.args) {
      const type = args[name];
      if (type === undefined) throw invalid(`Unknown argument "${name}" on field "${on}.${field.name}".`);
      checkValue(value, type);
    }
    for (const [name, type] of Object.entries(args)) {
      if (type.endsWith('!') && !field.args.has(name))
        throw invalid(
          `Field "${field.name}" argument "${name}" of type "${type}" is required, but it was not provided.`,
        );
    }
  };

  const checkSelections = (selections: readonly Selection[], on: string): void => {
    for (const selection of selections) {
      if (selection.kind === 'field') checkField(selection, on);
      else if (selection.kind === 'spread') {
        const fragment = document.fragments.get(selection.fragment);
        if (fragment === undefined) throw invalid(`Unknown fragment "${selection.fragment}".`);
        checkSelections(fragment.selections, fragment.on ?? on);
      } else if (selection.on === null || applies(selection.on, on)) checkSelections(selection.selections, on);
    }
  };

  checkSelections(operation.selections, ROOTS[operation.kind] ?? 'Query');
  const idle = operation.variables.find(({ name }) => !used.has(name));
  if (idle !== undefined) throw invalid(`Variable "$${idle.name}" is never used${named}.`);
}

/** Whether a fragment on one type is of another. */
export function applies(fragmentOn: string, type: string): boolean {
  return fragmentOn === type || (INTERFACES.get(type) ?? []).includes(fragmentOn);
}

/** A variable may be stricter than where it stands. */
function fits(type: string, expected: string): boolean {
  return type === expected || type === `${expected}!`;
}
