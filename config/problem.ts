/** One mistake in a configuration file. */
export interface Problem {
  /** For instance `pipelines.threatstream.policy.minimumScore`; empty when it is the whole file. */
  readonly path: string;
  /** From 1; 0 when there is no position, as for a file that cannot be read. */
  readonly line: number;
  readonly column: number;
  /** What was expected and what was found. */
  readonly message: string;
  /** The nearest right key or value, when there is one. */
  readonly suggestion: string | null;
}

/** One line for each problem: where, what, and the nearest right value. */
export function formatProblems(problems: readonly Problem[], fileName: string): string {
  return problems
    .map(({ path, line, column, message, suggestion }) => {
      const where = line === 0 ? fileName : `${fileName}:${line}:${column}`;
      const what = path === '' ? message : `${path} ${message}`;
      return `${where}: ${what}.${suggestion === null ? '' : ` Did you mean ${suggestion}?`}`;
    })
    .join('\n');
}
