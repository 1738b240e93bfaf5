import { syntaxError } from './graphql-error.ts';

export interface Token {
  readonly kind: 'name' | 'number' | 'string' | 'mark' | 'end';
  /** Of a string, what it stands for. */
  readonly text: string;
}

const TOKEN =
  /[\s,\uFEFF]+|#[^\n\r]*|(?<name>[A-Za-z_]\w*)|(?<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?<block>"""[\s\S]*?""")|(?<string>"(?:[^"\\\n]|\\.)*")|(?<mark>\.\.\.|[!$&()[\]{}:=@|])/gy;

/** (Source: GraphQL specification, 2.1.) */
export function scan(query: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < query.length) {
    const at = TOKEN.lastIndex;
    const groups = TOKEN.exec(query)?.groups;
    if (groups === undefined) throw syntaxError(`Unexpected character: "${query.charAt(at)}".`);
    const { name, number, block, string, mark } = groups;
    if (name !== undefined) tokens.push({ kind: 'name', text: name });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (block !== undefined) tokens.push({ kind: 'string', text: block.slice(3, -3).trim() });
    else if (string !== undefined) tokens.push({ kind: 'string', text: unescaped(string) });
    else if (mark !== undefined) tokens.push({ kind: 'mark', text: mark });
  }
  return [...tokens, { kind: 'end', text: '<EOF>' }];
}

function unescaped(quoted: string): string {
  try {
    return String(JSON.parse(quoted));
  } catch {
    throw syntaxError('Invalid character escape sequence.');
  }
}
