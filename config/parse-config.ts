import { LineCounter, parseDocument } from 'yaml';
import { type Config, configSchema } from './config-schema.ts';
import { describeIssue } from './describe-issue.ts';
import { positionOf } from './file-position.ts';
import type { Problem } from './problem.ts';
import { warningsOf } from './warnings.ts';

export type ParsedConfig =
  | { readonly ok: true; readonly config: Config; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Reads the text of a configuration file. Every mistake that can be seen at once is in `problems`, in the file's order. */
export function parseConfig(yamlText: string, fileName: string): ParsedConfig {
  const lines = new LineCounter();
  // Pretty errors would repeat lines of the file, and someone may have put a secret there.
  const document = parseDocument(yamlText, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    return {
      ok: false,
      problems: document.errors.map(({ pos, code }) => {
        const { line, col } = lines.linePos(pos[0]);
        return {
          path: '',
          line,
          column: col,
          message: `is not readable as YAML (${sentenceOf(code)})`,
          suggestion: null,
        };
      }),
    };
  }
  const value: unknown = document.toJS();
  if (value === null || value === undefined) {
    return {
      ok: false,
      problems: [{ path: '', line: 1, column: 1, message: `${fileName} has no settings in it`, suggestion: null }],
    };
  }
  const parsed = configSchema.safeParse(value, { reportInput: true });
  if (parsed.success) return { ok: true, config: parsed.data, warnings: warningsOf(parsed.data) };
  const described = parsed.error.issues.flatMap((issue) => describeIssue(issue, value));
  // A setting that is missing because its name is misspelt is one mistake, not two.
  const meant = new Set(described.map(({ path, suggestion }) => [...path.slice(0, -1), suggestion].join('.')));
  const problems = described
    .filter(({ path }) => !meant.has(path.join('.')) || document.hasIn(path))
    .map(({ path, message, suggestion, key = false }): Problem => {
      const { line, column } = positionOf(document, lines, path, key ? 'key' : 'value');
      return { path: path.join('.'), line, column, message, suggestion };
    });
  return { ok: false, problems: problems.sort((one, other) => one.line - other.line || one.column - other.column) };
}

/** `DUPLICATE_KEY` as `duplicate key`. */
function sentenceOf(code: string): string {
  return code.toLowerCase().replaceAll('_', ' ');
}
