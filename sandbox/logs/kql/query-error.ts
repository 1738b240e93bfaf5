/** A query that is refused, as the API says it: where it could not be read, or what in it is not known. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
  readonly kind: 'SyntaxError' | 'SemanticError';

  constructor(kind: 'SyntaxError' | 'SemanticError', message: string) {
    super(message);
    this.kind = kind;
  }
}

/** What the real service can do and this one cannot; a test that meets it has left the part of KQL that is stood in for. */
export function unsupported(what: string, text: string): QueryError {
  return new QueryError('SemanticError', `${what} '${text.slice(0, 80)}' is not supported here`);
}
