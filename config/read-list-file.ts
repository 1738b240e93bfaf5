import type { ExclusionList } from '../indicators/exclusion-list.ts';
import type { ListKind } from '../indicators/list-entry.ts';
import type { ListReason } from '../indicators/policy.ts';
import { textOf } from './list-file-text.ts';
import { plainList } from './plain-list.ts';
import { warningList } from './warning-list-file.ts';

/** A list of the policy, or a MISP warning list. */
export type FileKind = ListKind | 'warningLists';

export const REASONS: Readonly<Record<FileKind, ListReason>> = {
  cidrs: 'listed-cidr',
  domains: 'listed-domain',
  hashes: 'listed-hash',
  urls: 'listed-url',
  emails: 'listed-email',
  threats: 'listed-threat',
  tags: 'listed-tag',
  warningLists: 'on-warning-list',
};

export interface ReadList {
  readonly list: ExclusionList;
  readonly stamp: string;
  readonly note: string | null;
}

/**
 * Reads a file of entries, whole.
 *
 * @throws UnusableFile
 */
export async function readListFile(kind: FileKind, file: string): Promise<ReadList> {
  const { text, stamp } = await textOf(file);
  const { note, ...found } = await (kind === 'warningLists' ? warningList(text, file) : plainList(kind, text, file));
  return { stamp, note, list: { reason: REASONS[kind], ...found } };
}
