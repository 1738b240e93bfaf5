import { createHash } from 'node:crypto';
import type { Pipeline } from './parts.ts';

/** Goes up when rows are kept in another form, which a worker of another release does not take for its own. */
const FORM = 1;

/** The same for two pipelines that ask the same of the same workspace, and cut it alike. */
export function readingKey({
  source,
  settleMs,
  overlapMs,
  sliceRows,
}: Pick<Pipeline, 'source' | 'settleMs' | 'overlapMs' | 'sliceRows'>): string {
  const { workspaceId, table, sourceSystems, latenessMs } = source;
  const systems = [...new Set(sourceSystems)].sort();
  const all = [FORM, workspaceId.toLowerCase(), table, systems, latenessMs, settleMs, overlapMs, sliceRows];
  return createHash('sha256').update(JSON.stringify(all)).digest('hex');
}
