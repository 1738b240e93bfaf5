import { createListOfEntries, type ExclusionList } from '../indicators/exclusion-list.ts';
import { LIST_KINDS, type ListKind } from '../indicators/list-entry.ts';
import type { ExclusionConfig } from './exclusion-section.ts';
import { UnusableFile } from './list-file-text.ts';
import { type ListInFile, type LookedAt, openListInFile, type StaleList } from './list-in-file.ts';
import { REASONS } from './read-list-file.ts';

/** The exclusion lists of all pipelines, those in files as they are now. */
export interface ExclusionLists {
  /** Those in force, in the order in which they are asked. */
  readonly of: (pipeline: string) => readonly ExclusionList[];
  readonly stale: (pipeline: string) => readonly StaleList[];
  readonly hasFiles: boolean;
  /** What is well to know of the files, as sentences. */
  readonly notes: readonly string[];
  /** Looks at all files (`ListInFile.look`): what has become different. */
  readonly look: (now: Date) => Promise<readonly LookedAt[]>;
}

/** Sentences, one a line: which setting, which file and line, what was expected. */
export class WrongLists extends Error {
  override readonly name = 'WrongLists';
}

type Pipelines = Readonly<Record<string, { readonly policy: { readonly exclude: ExclusionConfig } }>>;

const KINDS = [...LIST_KINDS, 'warningLists'] as const;

/**
 * Reads all lists. A file that several pipelines name is read once.
 *
 * @throws WrongLists with everything that is wrong with them.
 */
export async function openExclusionLists(pipelines: Pipelines): Promise<ExclusionLists> {
  const problems: string[] = [];
  const opened = new Map<string, ListInFile | null>();
  const parts = new Map<string, readonly (ExclusionList | ListInFile)[]>();
  for (const [name, { policy }] of Object.entries(pipelines)) {
    const own: (ExclusionList | ListInFile)[] = [];
    for (const kind of KINDS) {
      const path = `pipelines.${name}.policy.exclude.${kind}`;
      const entries = policy.exclude[kind];
      if (kind !== 'warningLists') own.push(...inlineList(kind, policy.exclude[kind], path, problems));
      for (const [index, entry] of entries.entries()) {
        if (typeof entry === 'string') continue;
        const role = `${kind} ${entry.file}`;
        const open = async () => firstRead(openListInFile(kind, entry.file), `${path}.${index}`, problems);
        const file = opened.has(role) ? (opened.get(role) ?? null) : await open();
        opened.set(role, file);
        if (file !== null) own.push(file);
      }
    }
    parts.set(name, own);
  }
  if (problems.length > 0) throw new WrongLists(problems.join('\n'));
  return listsOf(
    parts,
    [...opened.values()].flatMap((file) => file ?? []),
  );
}

function listsOf(
  parts: ReadonlyMap<string, readonly (ExclusionList | ListInFile)[]>,
  files: readonly ListInFile[],
): ExclusionLists {
  const inForce = new Map<string, readonly ExclusionList[]>();
  const putInForce = (): void => {
    for (const [name, own] of parts) {
      inForce.set(
        name,
        own.map((part) => ('look' in part ? part.list() : part)),
      );
    }
  };
  putInForce();
  return {
    of: (pipeline) => inForce.get(pipeline) ?? [],
    stale: (pipeline) => (parts.get(pipeline) ?? []).flatMap((part) => ('look' in part ? (part.stale() ?? []) : [])),
    hasFiles: files.length > 0,
    notes: files.flatMap((file) => {
      const note = file.note();
      return note === null ? [] : [`${file.file} ${note}.`];
    }),
    async look(now) {
      const found: LookedAt[] = [];
      for (const file of files) {
        const different = await file.look(now);
        if (different !== null) found.push(different);
      }
      putInForce();
      return found;
    },
  };
}

/** The entries that stand in the configuration itself. */
function inlineList(
  kind: ListKind,
  entries: ExclusionConfig[ListKind],
  path: string,
  problems: string[],
): readonly ExclusionList[] {
  const { add, find } = createListOfEntries(kind);
  let hasAny = false;
  for (const [index, entry] of entries.entries()) {
    if (typeof entry !== 'string') continue;
    hasAny = true;
    const problem = add(entry, index);
    if (problem !== null) problems.push(`${path}.${index}: ${problem}.`);
  }
  return hasAny ? [{ reason: REASONS[kind], find, placeOf: (index) => `${path}.${index}` }] : [];
}

async function firstRead(opening: Promise<ListInFile>, path: string, problems: string[]): Promise<ListInFile | null> {
  try {
    return await opening;
  } catch (error) {
    if (!(error instanceof UnusableFile)) throw error;
    problems.push(...error.problems.map((problem) => `${path}: ${problem}.`));
    return null;
  }
}
