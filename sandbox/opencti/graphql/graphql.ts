import { z } from 'zod';
import type { WireAnswer, WireRequest } from '../../wire.ts';
import { isSignedIn, OPENCTI_CREDENTIALS, USER_ID } from '../account.ts';
import { jsonAnswer, platformError } from '../answer.ts';
import type { OpenCtiFaults } from '../opencti-faults.ts';
import type { Platform } from '../platform.ts';
import { checkDocument } from './check-document.ts';
import type { Document, Field, Operation } from './document.ts';
import { badInput, engineFailure, forbidden, GraphqlError, loginRequired, refusal } from './graphql-error.ts';
import { identityNode } from './indicator-node.ts';
import { indicatorsPage, oneIndicator } from './indicators-page.ts';
import { checkType, type Inputs, inputValues, plain } from './input-values.ts';
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
  readonly faults: OpenCtiFaults;
  /** Whether this query fails in its resolvers. */
  readonly fails: boolean;
}

/** `POST /graphql`. (Source: OpenCTI, graphql/graphql.js; Apollo Server.) */
export function graphql(request: WireRequest, platform: Platform, fails: boolean, faults: OpenCtiFaults): WireAnswer {
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
    return answered(document, operation, inputs, { isSignedIn: isSignedIn(request, faults), platform, faults, fails });
  } catch (error) {
    if (error instanceof GraphqlError) return refusal(error);
    throw error;
  }
}

function answered(document: Document, operation: Operation, inputs: Inputs, asked: Asked): WireAnswer {
  const data = new Map<string, unknown>();
  const errors: unknown[] = [];
  for (const field of fieldsOf(operation.selections, 'Query', document)) {
    try {
      data.set(field.alias, resolved(field, document, inputs, asked));
    } catch (error) {
      if (!(error instanceof GraphqlError)) throw error;
      // Every field of a query may be null, so that the others are answered.
      data.set(field.alias, null);
      errors.push(error.written([field.alias]));
    }
  }
  return jsonAnswer(200, { ...(errors.length > 0 ? { errors } : {}), data: Object.fromEntries(data) });
}

function resolved(field: Field, document: Document, inputs: Inputs, asked: Asked): unknown {
  if (field.name === '__typename') return 'Query';
  const shape = SCHEMA.get('Query')?.get(field.name);
  if (!asked.isSignedIn) throw loginRequired();
  if (asked.fails) throw engineFailure();
  const args = Object.fromEntries([...field.args].map(([name, value]) => [name, plain(value, inputs)]));
  for (const [name, value] of Object.entries(args)) {
    const type = (shape?.args[name] ?? '').replace(/!$/, '');
    if (value !== null) checkType(`Argument "${name}"`, type, value);
  }
  return selected(valueOf(field.name, args, asked), field, namedType(shape?.type ?? ''), document);
}

function valueOf(name: string, args: Readonly<Record<string, unknown>>, { platform, faults }: Asked): unknown {
  if (name === 'about') return { version: faults.version };
  if (name === 'me') return user(faults);
  if (faults.noKnowledge) throw forbidden();
  if (name === 'identity') return oneIdentity(platform, args['id']);
  if (name === 'indicator') return oneIndicator(platform, args['id'], faults);
  return indicatorsPage(platform, args, faults);
}

/** By any of its ids. (Source: pycti, `Identity.read`.) */
function oneIdentity({ references }: Platform, id: unknown): unknown {
  const one = typeof id === 'string' ? references.identity(id) : null;
  return one === null ? null : identityNode(one);
}

function user({ noTaxii, noKnowledge, userConfidence }: OpenCtiFaults): Readonly<Record<string, unknown>> {
  const names = [...(noKnowledge ? [] : ['KNOWLEDGE']), ...(noTaxii ? [] : ['TAXIIAPI'])];
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
