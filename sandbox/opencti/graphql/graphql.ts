import { z } from 'zod';
import type { WireAnswer, WireRequest } from '../../wire.ts';
import { isSignedIn, OPENCTI_CREDENTIALS, USER_ID } from '../account.ts';
import { jsonAnswer, platformError } from '../answer.ts';
import type { Observables } from '../observables.ts';
import type { OpenCtiFaults } from '../opencti-faults.ts';
import type { Platform } from '../platform.ts';
import { checkDocument } from './check-document.ts';
import type { Document, Field, Operation } from './document.ts';
import { badInput, engineFailure, forbidden, GraphqlError, invalid, loginRequired, refusal } from './graphql-error.ts';
import { identityNode } from './indicator-node.ts';
import { indicatorsPage, oneIndicator } from './indicators-page.ts';
import { checkType, type Inputs, inputValues, plain } from './input-values.ts';
import { identitiesPage, labelsPage, markingsPage, notesPage, observablesPage } from './lists.ts';
import { addLabel, addNote, type Changing, editObservable } from './mutations.ts';
import { parseDocument } from './parse-document.ts';
import { fieldsOf, selected } from './run.ts';
import { namedType, SCHEMA } from './schema.ts';

const graphqlBody = z.looseObject({
  query: z.string(),
  variables: z.record(z.string(), z.unknown()).nullish(),
  operationName: z.string().nullish(),
});

interface Asked {
  readonly isSignedIn: boolean;
  readonly platform: Platform;
  readonly observables: Observables;
  readonly now: number;
  /** Whether the next edit finds its observable locked. */
  readonly isLocked: () => boolean;
  readonly faults: OpenCtiFaults;
  /** Whether this query fails in its resolvers. */
  readonly fails: boolean;
}

/** `POST /graphql`. (Source: OpenCTI, graphql/graphql.js; Apollo Server.) */
export function graphql(
  request: WireRequest,
  { platform, observables, now, fails, faults, isLocked }: Omit<Asked, 'isSignedIn'>,
): WireAnswer {
  const type = request.headers['content-type'] ?? '';
  if (request.method !== 'POST' || !/^application\/json\b/i.test(type)) return blocked();
  const body = readBody(request.body);
  if (body === null) return platformError(500, 'Unexpected token in JSON at position 0');
  const read = graphqlBody.safeParse(body);
  if (!read.success)
    return jsonAnswer(400, {
      errors: [badInput('GraphQL operations must contain a non-empty `query`.').written(null)],
    });
  try {
    const { query, variables, operationName } = read.data;
    const document = parseDocument(query);
    const operation = chosen(document, operationName ?? null);
    checkDocument(document, operation);
    const inputs = inputValues(operation, variables ?? {});
    checkSize(document, operation, faults);
    const asked = { platform, observables, now, fails, faults, isLocked, isSignedIn: isSignedIn(request, faults) };
    return answered(document, operation, inputs, asked);
  } catch (error) {
    if (error instanceof GraphqlError) return refusal(error);
    throw error;
  }
}

function answered(document: Document, operation: Operation, inputs: Inputs, asked: Asked): WireAnswer {
  const data = new Map<string, unknown>();
  const errors: unknown[] = [];
  const root = rootOf(operation);
  for (const field of fieldsOf(operation.selections, root, document)) {
    try {
      const found = resolved(field, root, document, inputs, asked);
      data.set(field.alias, found.value);
      errors.push(...found.errors);
    } catch (error) {
      if (!(error instanceof GraphqlError)) throw error;
      // Every field of a query may be null, so that the others are answered.
      data.set(field.alias, null);
      errors.push(error.written([field.alias]));
    }
  }
  return jsonAnswer(200, { ...(errors.length > 0 ? { errors } : {}), data: Object.fromEntries(data) });
}

function rootOf({ kind }: Operation): 'Query' | 'Mutation' {
  return kind === 'mutation' ? 'Mutation' : 'Query';
}

/** (Source: as of `mostRootFields` in the faults.) */
function checkSize(document: Document, operation: Operation, { mostRootFields }: OpenCtiFaults): void {
  const { length } = fieldsOf(operation.selections, rootOf(operation), document);
  if (mostRootFields > 0 && length > mostRootFields)
    throw invalid(`Syntax Error: Aliases limit of ${mostRootFields} exceeded, found ${length}.`);
}

interface Resolved {
  readonly value: unknown;
  readonly errors: readonly unknown[];
}

function resolved(
  field: Field,
  root: 'Query' | 'Mutation',
  document: Document,
  inputs: Inputs,
  asked: Asked,
): Resolved {
  if (field.name === '__typename') return { value: root, errors: [] };
  if (!asked.isSignedIn) throw loginRequired();
  if (asked.fails) throw engineFailure();
  const args = argumentsOf(field, root, inputs);
  if (field.name === 'stixCyberObservableEdit') return edited(field, args['id'], document, inputs, asked);
  const type = namedType(SCHEMA.get(root)?.get(field.name)?.type ?? '');
  const value = root === 'Query' ? valueOf(field.name, args, asked) : changedBy(field.name, args, asked);
  return { value: selected(value, field, type, document), errors: [] };
}

function argumentsOf(field: Field, on: string, inputs: Inputs): Readonly<Record<string, unknown>> {
  const shape = SCHEMA.get(on)?.get(field.name);
  const args = Object.fromEntries([...field.args].map(([name, value]) => [name, plain(value, inputs)]));
  for (const [name, value] of Object.entries(args)) {
    const type = (shape?.args[name] ?? '').replace(/!$/, '');
    if (value !== null) checkType(`Argument "${name}"`, type, value);
  }
  return args;
}

/** The edits of one observable, each with an answer of its own. */
function edited(field: Field, id: unknown, document: Document, inputs: Inputs, asked: Asked): Resolved {
  const type = 'StixCyberObservableEditMutations';
  const value = new Map<string, unknown>();
  const errors: unknown[] = [];
  for (const edit of fieldsOf(field.selections ?? [], type, document)) {
    try {
      const found = editObservable(id, edit.name, argumentsOf(edit, type, inputs), changing(asked));
      const of = namedType(SCHEMA.get(type)?.get(edit.name)?.type ?? '');
      value.set(edit.alias, selected(found, edit, of, document));
    } catch (error) {
      if (!(error instanceof GraphqlError)) throw error;
      value.set(edit.alias, null);
      errors.push(error.written([field.alias, edit.alias]));
    }
  }
  return { value: Object.fromEntries(value), errors };
}

function changing({ platform, ...asked }: Asked): Changing {
  return { ...asked, references: platform.references };
}

function changedBy(name: string, args: Readonly<Record<string, unknown>>, asked: Asked): unknown {
  return name === 'labelAdd' ? addLabel(args, changing(asked)) : addNote(args, changing(asked));
}

function valueOf(name: string, args: Readonly<Record<string, unknown>>, asked: Asked): unknown {
  const { platform, observables, faults } = asked;
  const known = { observables, references: platform.references };
  if (name === 'about') return { version: faults.version };
  if (name === 'me') return user(faults);
  if (faults.noKnowledge) throw forbidden();
  if (name === 'identity') return oneIdentity(platform, args['id']);
  if (name === 'indicator') return oneIndicator(platform, args['id'], faults);
  if (name === 'stixCyberObservables') return observablesPage(known, args, faults);
  if (name === 'labels') return labelsPage(known, args, faults);
  if (name === 'markingDefinitions') return markingsPage(known, args, faults);
  if (name === 'identities') return identitiesPage(known, args, faults);
  if (name === 'notes') return notesPage(known, args, faults);
  return indicatorsPage(platform, args, faults);
}

/** By any of its ids. (Source: pycti, `Identity.read`.) */
function oneIdentity({ references }: Platform, id: unknown): unknown {
  const one = typeof id === 'string' ? references.identity(id) : null;
  return one === null ? null : identityNode(one);
}

function user({
  noTaxii,
  noKnowledge,
  noUpdate,
  noLabels,
  userConfidence,
}: OpenCtiFaults): Readonly<Record<string, unknown>> {
  const names = [
    ...(noKnowledge ? [] : ['KNOWLEDGE']),
    ...(noTaxii ? [] : ['TAXIIAPI']),
    ...(noUpdate ? [] : ['KNOWLEDGE_KNUPDATE']),
    ...(noLabels ? [] : ['SETTINGS_SETLABELS']),
  ];
  return {
    id: USER_ID,
    name: 'mdti-sync',
    user_email: OPENCTI_CREDENTIALS.username,
    capabilities: names.map((name) => ({ id: `capability--${name.toLowerCase()}`, name })),
    effective_confidence_level: { max_confidence: userConfidence },
  };
}

function chosen({ operations }: Document, name: string | null): Operation {
  const [first] = operations;
  if (first === undefined) throw badInput('Must provide an operation.');
  if (name === null && operations.length > 1)
    throw badInput('Must provide operation name if query contains multiple operations.');
  const named = name === null ? first : operations.find((one) => one.name === name);
  if (named === undefined) throw badInput(`Unknown operation named "${name}".`);
  return named;
}

function readBody(text: string): unknown {
  try {
    const body: unknown = JSON.parse(text);
    return body;
  } catch {
    return null;
  }
}

/** (Source: Apollo Server, CSRF prevention.) */
function blocked(): WireAnswer {
  const message =
    "This operation has been blocked as a potential Cross-Site Request Forgery (CSRF). Please either specify a 'content-type' header (with a type that is not one of application/x-www-form-urlencoded, multipart/form-data, text/plain) or provide a non-empty value for one of the following headers: x-apollo-operation-name, apollo-require-preflight";
  return jsonAnswer(400, { errors: [new GraphqlError(message, 'BAD_REQUEST').written(null)] });
}
