import { setImmediate as nextTurn } from 'node:timers/promises';
import { createListOfEntries, FOUND } from '../indicators/exclusion-list.ts';
import type { ListKind } from '../indicators/list-entry.ts';
import { type Quoting, UnusableFile } from './list-file-text.ts';
import { ENTRIES_A_TURN, type ListOfFile } from './list-of-file.ts';
import { withoutComment } from './without-comment.ts';

/** A file with many mistakes is most likely no such file. */
const SHOWN_MISTAKES = 5;

/** One entry a line. A `#` at the beginning or after a blank begins a comment. */
export async function plainList(kind: ListKind, text: string, file: string): Promise<ListOfFile> {
  if (text.trim() === '')
    throw new UnusableFile(`${file} is empty: for a list without an entry, put a comment (#) there`);
  if (/^\s*[[{]\s*["\]}]/.test(text.slice(0, 200))) {
    throw new UnusableFile(
      `${file} is JSON: a MISP warning list belongs in warningLists, other files have an entry a line`,
    );
  }
  const list = createListOfEntries(kind);
  const mistakes: Quoting[] = [];
  let line = 0;
  for (let from = 0; from < text.length; ) {
    const end = text.indexOf('\n', from);
    const to = end === -1 ? text.length : end;
    line += 1;
    if (line % ENTRIES_A_TURN === 0) await nextTurn();
    const entry = withoutComment(text.slice(from, to));
    from = to + 1;
    const mistake = entry === '' ? null : list.add(entry, line);
    if (mistake === null) continue;
    const [what = ''] = mistake.split(FOUND, 1);
    mistakes.push({ sentence: `${file}:${line}: ${what}`, end: mistake.slice(what.length) });
    if (mistakes.length === SHOWN_MISTAKES) break;
  }
  if (mistakes.length > 0) throw new UnusableFile(...mistakes);
  return { find: list.find, placeOf: (at) => `${file}, line ${at}`, note: null };
}
