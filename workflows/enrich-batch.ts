import { setCurrentDetails } from '@temporalio/workflow';
import { writeArtifacts } from './proxies.ts';

export interface EnrichBatchInput {
  readonly pipeline: string;
  readonly part: number;
  readonly items: number;
  /** Of these, with more to be written than tags. */
  readonly besides: number;
}

/** Writes back what was made of up to a thousand artifacts. It knows them by number only. */
export async function enrichBatch({ pipeline, part, items, besides }: EnrichBatchInput): Promise<void> {
  const n = (count: number): string => count.toLocaleString('en');
  setCurrentDetails(`- writing tags of ${n(items)} artifacts`);
  await writeArtifacts.executeWithOptions({ summary: `write tags of ${n(items)} artifacts` }, [
    { pipeline, part, what: 'marks' },
  ]);
  if (besides === 0) return;
  setCurrentDetails(`- tags of ${n(items)} artifacts are written\n- writing comments and confidences of ${n(besides)}`);
  await writeArtifacts.executeWithOptions({ summary: `write comments and confidences of ${n(besides)} artifacts` }, [
    { pipeline, part, what: 'besides' },
  ]);
}
