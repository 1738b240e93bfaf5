import type { Counts } from './counts.ts';

/** What a run says that has left something unread: its counts look as if that were not there. */
export function unreadWarning({ unread }: Pick<Counts, 'unread'>): string {
  const what = unread === 1 ? '1 part of the rows was' : `${unread.toLocaleString('en')} parts of the rows were`;
  return `${what} not given by the source, and set aside: 'mdti-sync status' lists them, and later runs read them again.`;
}
