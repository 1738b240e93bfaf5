import { randomUUID } from 'node:crypto';
import type { WireReply } from '../wire.ts';
import type { QueryError } from './kql/query-error.ts';

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };

/** An error as the query API writes it. */
export function logsError(
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): WireReply {
  const body = { error: { message, code, correlationId: randomUUID() } };
  return { status, headers: { ...JSON_TYPE, ...headers }, body: JSON.stringify(body) };
}

/** A query that is refused: what was wrong stands two levels down. */
export function queryRefused({ kind, message }: QueryError): WireReply {
  const semantic = kind === 'SemanticError';
  const innererror = {
    code: kind,
    message: semantic ? 'A semantic error occurred.' : 'A recognition error occurred in the query.',
    innererror: { code: semantic ? 'SEM0100' : 'SYN0002', message },
  };
  const error = {
    message: 'The request had some invalid properties',
    code: 'BadArgumentError',
    correlationId: randomUUID(),
    innererror,
  };
  return { status: 400, headers: JSON_TYPE, body: JSON.stringify({ error }) };
}

/** Part of an HTTP 200 whose rows are not all of them. */
export function partialError(limit: string): unknown {
  return {
    code: 'PartialError',
    message: 'There were some errors when processing your query.',
    details: [
      {
        code: 'EngineError',
        message: 'Something went wrong processing your query on the server.',
        innererror: {
          code: '-2133196797',
          message: `The results of this query exceed the set limit of ${limit}, so not all records were returned (E_QUERY_RESULT_SET_TOO_LARGE, 0x80DA0003). See https://aka.ms/kustoquerylimits for more information and possible solutions.`,
          severity: 2,
          severityName: 'Error',
        },
      },
    ],
  };
}
