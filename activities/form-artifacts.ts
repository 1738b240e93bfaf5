import { formJudging } from '../ledger/artifact-judging.ts';
import { formWriting } from '../ledger/artifact-writing.ts';
import { MOST_PARTS } from '../ledger/artifacts.ts';
import { refreshStatistics } from '../ledger/statistics.ts';
import { type ArtifactsCounted, countArtifacts } from './count-artifacts.ts';
import { keepHouse } from './keep-house.ts';
import type { Parts } from './parts.ts';

export interface FormArtifactsInput {
  readonly pipeline: string;
  readonly to: 'judge' | 'write';
}

export interface FormedArtifacts {
  readonly open: readonly {
    readonly part: number;
    readonly items: number;
    /** Of what is to be written: those that need more than other marks. */
    readonly besides?: number;
  }[];
  readonly lanes: number;
  /** What was done before. */
  readonly counted: ArtifactsCounted;
  /** There is more than a round can do: the rest is formed once these are done. */
  readonly isCut?: true;
}

/** Puts what is to be judged, or written, into parts. */
export async function formArtifacts(parts: Parts, { pipeline, to }: FormArtifactsInput): Promise<FormedArtifacts> {
  const { batchSize: size, lanes, namedHosts } = parts.enriched(pipeline);
  const formed = (open: FormedArtifacts['open']): Pick<FormedArtifacts, 'open' | 'isCut'> => ({
    open,
    ...(open.length < MOST_PARTS ? {} : { isCut: true }),
  });
  const counted = await countArtifacts(parts, { pipeline });
  if (to === 'write') return { ...formed(await formWriting(parts.ledger, pipeline, size)), lanes, counted };
  await keepHouse('new statistics of the tables', () => refreshStatistics(parts.ledger));
  const open = await formJudging(parts.ledger, pipeline, { size, metOnly: namedHosts === null, now: parts.now() });
  return { ...formed(open), lanes, counted };
}
