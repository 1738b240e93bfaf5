import type { ExclusionList } from '../indicators/exclusion-list.ts';
import { stampOf, UnusableFile } from './list-file-text.ts';
import { type FileKind, readListFile } from './read-list-file.ts';

/** A file whose newest version could not be used: the last good list is in force. */
export interface StaleList {
  readonly file: string;
  /** From when on, ISO 8601. */
  readonly since: string;
  readonly problem: string;
}

/** What a look has found to be different. */
export interface LookedAt {
  readonly file: string;
  /** What is wrong with it; null when the list of it is in force. */
  readonly problem: string | null;
  readonly note: string | null;
}

/** A list whose entries stand in a file, as it is now. */
export interface ListInFile {
  readonly file: string;
  readonly list: () => ExclusionList;
  readonly note: () => string | null;
  readonly stale: () => StaleList | null;
  /**
   * Reads the file again when it has changed, and was left alone since the look before: what is being written is not read by halves.
   * One that is gone, or of no use, leaves the last good list in force. Gives what has become different, or null.
   */
  readonly look: (now: Date) => Promise<LookedAt | null>;
}

/** @throws UnusableFile when there is no good list to begin with. */
export async function openListInFile(kind: FileKind, file: string): Promise<ListInFile> {
  let inForce = await readListFile(kind, file);
  let stale: StaleList | null = null;
  let seen: string | null = null;
  /** What was found to be of no use is not read again. */
  let useless: string | null = null;

  const keep = (error: unknown, now: Date): LookedAt | null => {
    if (!(error instanceof UnusableFile)) throw error;
    const problem = error.message.replaceAll('\n', '; ');
    if (stale?.problem === problem) return null;
    stale = { file, problem, since: stale?.since ?? now.toISOString() };
    return { file, problem, note: null };
  };
  const readAgain = async (stamp: string, now: Date): Promise<LookedAt | null> => {
    try {
      const read = await readListFile(kind, file);
      // Written to meanwhile: the next looks see to it.
      if (read.stamp !== stamp || (await stampOf(file)) !== stamp) return null;
      inForce = read;
      stale = null;
      return { file, problem: null, note: read.note };
    } catch (error) {
      useless = stamp;
      return keep(error, now);
    }
  };

  return {
    file,
    list: () => inForce.list,
    note: () => inForce.note,
    stale: () => stale,
    async look(now) {
      let stamp: string;
      try {
        stamp = await stampOf(file);
      } catch (error) {
        seen = null;
        return keep(error, now);
      }
      if (stamp === inForce.stamp) {
        if (stale === null) return null;
        stale = null;
        return { file, problem: null, note: inForce.note };
      }
      const isSettled = stamp === seen;
      seen = stamp;
      return isSettled && stamp !== useless ? readAgain(stamp, now) : null;
    },
  };
}
