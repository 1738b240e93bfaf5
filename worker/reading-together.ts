import type { Pipeline } from '../activities/parts.ts';
import { readingKey } from '../activities/reading-key.ts';

type Reading = Pick<Pipeline, 'name' | 'source' | 'settleMs' | 'overlapMs' | 'sliceRows'>;

/** Other pipelines that read the same rows as this one, and cut them alike: each names the others. */
export function readingTogether(own: Reading, all: readonly Reading[]): readonly string[] {
  const key = readingKey(own);
  return all.filter((one) => one.name !== own.name && readingKey(one) === key).map(({ name }) => name);
}
