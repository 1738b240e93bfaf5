import { setImmediate as nextTurn } from 'node:timers/promises';
import { z } from 'zod';
import { createWarningList, typesOfAttributes, WARNING_TYPES } from '../indicators/warning-list.ts';
import { UnusableFile } from './list-file-text.ts';
import { ENTRIES_A_TURN, type ListOfFile } from './list-of-file.ts';

/** As MISP publishes and imports them (its schema.json, and `import` of its model Warninglist): without a type they are `string`. */
const warningFile = z.looseObject({
  name: z.string().optional().catch(undefined),
  version: z.union([z.number(), z.string()]).optional().catch(undefined),
  type: z.string().nullish(),
  matching_attributes: z.array(z.string()).nullish(),
  /** Entries, or entries with a comment on each. */
  list: z.custom<readonly unknown[] | object>((value) => typeof value === 'object' && value !== null),
});

/** What a warning list has that is of no use here is left out and told of: its author cannot be asked to mend it. */
export async function warningList(text: string, file: string): Promise<ListOfFile> {
  const { name, version, type, attributes, entries } = parsedWarningList(text, file);
  const types = typesOfAttributes(attributes);
  const list = createWarningList(type, types);
  let of = 0;
  let left = 0;
  let first: string | null = null;
  for (const entry of entries) {
    of += 1;
    if (of % ENTRIES_A_TURN === 0) await nextTurn();
    if (typeof entry === 'string' && entry.trim() === '') continue;
    const mistake = typeof entry === 'string' ? list.add(entry, of) : 'is no text';
    if (mistake === null) continue;
    // Each of them means something: none may be left out.
    if (type === 'substring' && typeof entry === 'string')
      throw new UnusableFile(`${file}: its entry ${of} ${mistake}`);
    left += 1;
    first ??= `entry ${of} ${mistake}`;
  }
  list.close?.();
  const title = `${name === undefined || name === '' ? 'without a name' : `"${name.slice(0, 100)}"`}${version === undefined ? '' : ` version ${version}`}`;
  return {
    find: list.find,
    placeOf: (at) => `${file} (${title}), entry ${at}`,
    note: noteOf(types.size, of, left, first),
  };
}

function noteOf(types: number, of: number, left: number, first: string | null): string | null {
  if (types === 0) return 'excludes nothing: its matching_attributes name nothing that mdti-sync delivers';
  if (first === null) return null;
  return `has ${of} entries, of which ${left} exclude nothing: ${first}`;
}

function parsedWarningList(text: string, file: string) {
  const wanted = 'a MISP warning list: a JSON object with type, matching_attributes and list';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UnusableFile(`${file} is not JSON: expected ${wanted}`);
  }
  const parsed = warningFile.safeParse(value);
  if (!parsed.success) {
    const field = String(parsed.error.issues[0]?.path[0] ?? '');
    throw new UnusableFile(`${file}${field === '' ? '' : `: its ${field}`} is not as expected of ${wanted}`);
  }
  const { name, version, list, matching_attributes } = parsed.data;
  const said = parsed.data.type ?? 'string';
  if (said === 'regex') {
    throw new UnusableFile(
      `${file} is a list of regular expressions, which could take any time: lists of type ${WARNING_TYPES.join(', ')} are read`,
    );
  }
  const type = WARNING_TYPES.find((known) => known === said);
  if (type === undefined) {
    throw new UnusableFile(
      `${file} is a list of type "${said.slice(0, 40)}": expected one of ${WARNING_TYPES.join(', ')}`,
    );
  }
  const entries: readonly unknown[] = Array.isArray(list) ? list : Object.keys(list);
  return { name, version, type, attributes: matching_attributes ?? [], entries };
}
