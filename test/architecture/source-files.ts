import { readdir, readFile } from 'node:fs/promises';
import { posix } from 'node:path';

/** The folders of the product. */
export const ROOMS = [
  'indicators',
  'workflows',
  'activities',
  'delivery',
  'enrichment',
  'http',
  'azure',
  'rates',
  'sentinel',
  'mdti',
  'destinations',
  'ledger',
  'settings',
  'exchange',
  'config',
  'worker',
  'client',
  'sandbox',
] as const;

export interface SourceFile {
  /** From the root, with slashes: `client/cli/main.ts`. */
  readonly path: string;
  readonly text: string;
}

export interface Import {
  readonly from: string;
  /** A path from the root for a file of ours, else the package or builtin as it is written. */
  readonly to: string;
  readonly typeOnly: boolean;
}

/** Every TypeScript file below the folders. */
export async function readSources(folders: readonly string[]): Promise<readonly SourceFile[]> {
  const found = await Promise.all(folders.map((folder) => listed(folder)));
  const paths = found.flat().filter((path) => path.endsWith('.ts'));
  return Promise.all(paths.sort().map(async (path) => ({ path, text: await readFile(path, 'utf8') })));
}

async function listed(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder, { recursive: true });
  return names.map((name) => posix.join(folder, name.replaceAll('\\', '/')));
}

/** Statements begin their line (the formatter sees to it), so words in comments and texts are not taken for them. */
const STATEMENTS = [
  /^import\s+(?<type>type\s+)?(?<names>[\w*{][^'";]*?)\s+from\s+'(?<to>[^']+)'/gm,
  /^export\s+(?<type>type\s+)?(?<names>\*(?:\s+as\s+\w+)?|\{[^}]*\})\s+from\s+'(?<to>[^']+)'/gm,
  /^import\s+'(?<to>[^']+)'/gm,
  /^(?!\s*(?:\*|\/\/)).*\bimport\(\s*'(?<to>[^']+)'/gm,
];

/** What a file imports or exports from elsewhere. */
export function importsOf({ path, text }: SourceFile): readonly Import[] {
  const matches = STATEMENTS.flatMap((statement) => Array.from(text.matchAll(statement)));
  return matches.map(({ groups }) => {
    const { to = '', type, names = '' } = groups ?? {};
    const target = to.startsWith('.') ? posix.join(posix.dirname(path), to) : to;
    return { from: path, to: target, typeOnly: type !== undefined || onlyTypes(names) };
  });
}

/** `{ type A, type B }` */
function onlyTypes(names: string): boolean {
  const listedNames = /^\{([^}]*)\}$/.exec(names.trim())?.[1];
  if (listedNames === undefined) return false;
  const parts = listedNames.split(',').filter((part) => part.trim() !== '');
  return parts.length > 0 && parts.every((part) => /^\s*type\s/.test(part));
}
