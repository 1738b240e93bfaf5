import type { ColumnsOfFile } from './csv-columns.ts';
import { readCsvLines } from './csv-lines.ts';

/** One line of a feed. */
export interface FeedLine {
  readonly type: string;
  readonly value: string;
  readonly campaign: string;
  /** As it stands there; may be empty. */
  readonly firstPublished: string;
}

const COLUMNS: ColumnsOfFile = {
  others: ['campaign', 'first_published'],
  example: 'type,value,campaign,first_published',
};

/**
 * Reads a CSV with the columns `type,value` and, if it has them, `campaign,first_published`: one entry for each line, whatever
 * it holds. Throws `WrongInput`, which names the file and the line, for what has no plain meaning.
 */
export async function readFeed(path: string): Promise<readonly FeedLine[]> {
  const lines = await readCsvLines({ path, noun: 'The feed', columns: COLUMNS });
  return lines.map(({ cell }) => ({
    type: cell('type'),
    value: cell('value'),
    campaign: cell('campaign'),
    firstPublished: cell('first_published'),
  }));
}
