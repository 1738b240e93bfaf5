import { WrongInput } from '../wrong-input.ts';
import { readFeed } from './feed.ts';
import { type SavedRows, WorkspaceRows } from './workspace-rows.ts';

export interface RowsSource {
  readonly seed: number;
  /** How many to generate when there is no feed. */
  readonly indicators: number;
  /** The path of a CSV. */
  readonly feed: string | undefined;
  readonly ingestedOver: { readonly from: Date; readonly to: Date } | undefined;
}

const HOUR = 3_600_000;
const MINUTE = 60_000;

/**
 * The rows of a sandbox that starts `now`: published for the first time, or published again when it goes on from what an earlier
 * one saved. Throws `WrongInput` when the feed cannot be read, or when what was saved came from another kind of source.
 */
export async function openRows(source: RowsSource, saved: SavedRows | null, now: Date): Promise<WorkspaceRows> {
  const { seed, indicators, feed, ingestedOver } = source;
  const lines = feed === undefined ? [] : await readFeed(feed);
  if (saved !== null) {
    const wasFeed = saved.publications.some(({ kind }) => kind === 'feed');
    const hadRows = saved.publications.length > 0;
    if (hadRows && wasFeed !== (feed !== undefined)) {
      throw new WrongInput(
        wasFeed
          ? 'The kept state came from a feed: name that feed again, or keep the state elsewhere.'
          : 'The kept state came from generated indicators: start without a feed, or keep the state elsewhere.',
      );
    }
    const rows = new WorkspaceRows(lines, saved);
    rows.republish(now);
    return rows;
  }
  const rows = new WorkspaceRows(lines);
  const start = now.getTime();
  if (feed !== undefined) {
    if (lines.length > 0) rows.publishFeed({ from: start - 5_000, to: start - 3_000 });
  } else if (indicators > 0) {
    const from = ingestedOver?.from.getTime() ?? start - MINUTE - HOUR;
    rows.generate(seed, indicators, { from, to: ingestedOver?.to.getTime() ?? start - MINUTE });
  }
  return rows;
}
