import type { WireAnswer } from '../../wire.ts';
import { jsonAnswer } from '../answer.ts';

/** An error of a query; all of them are answered with 200. (Source: OpenCTI, graphql/httpResponsePlugin.js; config/errors.js.) */
export class GraphqlError extends Error {
  override readonly name = 'GraphqlError';
  readonly #code: string;
  readonly #data: Readonly<Record<string, unknown>> | null;

  constructor(message: string, code: string, data: Readonly<Record<string, unknown>> | null = null) {
    super(message);
    this.#code = code;
    this.#data = data;
  }

  /** `name` repeats the code, for older clients. (Source: pycti, `OpenCTIApiClient.query`.) */
  written(path: readonly string[] | null): Readonly<Record<string, unknown>> {
    return {
      message: this.message,
      name: this.#code,
      ...(path === null ? {} : { path }),
      extensions: { code: this.#code, ...(this.#data === null ? {} : { data: this.#data }) },
    };
  }
}

export function syntaxError(message: string): GraphqlError {
  return new GraphqlError(`Syntax Error: ${message}`, 'GRAPHQL_PARSE_FAILED');
}

export function invalid(message: string): GraphqlError {
  return new GraphqlError(message, 'GRAPHQL_VALIDATION_FAILED');
}

export function badInput(message: string): GraphqlError {
  return new GraphqlError(message, 'BAD_USER_INPUT');
}

export function loginRequired(): GraphqlError {
  return new GraphqlError('You must be logged in to do this.', 'AUTH_REQUIRED', {
    http_status: 401,
    genre: 'TECHNICAL',
  });
}

export function forbidden(): GraphqlError {
  return new GraphqlError('You are not allowed to do this.', 'FORBIDDEN_ACCESS', {
    http_status: 403,
    genre: 'TECHNICAL',
  });
}

export function unsupported(message: string): GraphqlError {
  return new GraphqlError(message, 'UNSUPPORTED_ERROR', { http_status: 500, genre: 'BUSINESS' });
}

export function functional(message: string): GraphqlError {
  return new GraphqlError(message, 'FUNCTIONAL_ERROR', { http_status: 400, genre: 'BUSINESS' });
}

export function missingReference(): GraphqlError {
  return new GraphqlError('Element(s) not found', 'MISSING_REFERENCE_ERROR', { http_status: 404, genre: 'FUNCTIONAL' });
}

export function locked(): GraphqlError {
  return new GraphqlError('Execution timeout, too many concurrent call on the same entities', 'LOCK_ERROR', {
    http_status: 500,
    genre: 'TECHNICAL',
  });
}

export function engineFailure(): GraphqlError {
  const message = 'Engine execution fail, some shards are not available, please check your engine status';
  return new GraphqlError(message, 'DATABASE_ERROR', { http_status: 500, genre: 'BUSINESS' });
}

/** What was wrong before anything was resolved. */
export function refusal(error: GraphqlError): WireAnswer {
  return jsonAnswer(200, { errors: [error.written(null)] });
}
