import type { ResolvedEnrichment } from '../config/resolve-secrets.ts';
import type { AzureAccess } from '../destinations/destination-deps.ts';
import { Fault } from '../indicators/fault.ts';

/** Tables of workspaces have a hundred and more. */
const MOST_SHOWN = 20;

/** What a query of a workspace names now, in its column. `Refused`, with the setting's name, when the answer has no such column. */
export async function namedHosts(
  azure: Pick<AzureAccess, 'rows'>,
  { workspaceId, query, column, lookBack }: NonNullable<ResolvedEnrichment['kql']>,
  now: Date,
  signal: AbortSignal,
): Promise<readonly string[]> {
  // Which columns it has is up to whoever wrote it: that the one is lacking is their mistake, and no answer cut short.
  const rows = await azure.rows(
    { workspaceId, query, columns: [], from: new Date(now.getTime() - lookBack), to: now },
    signal,
  );
  const [first] = rows;
  if (first !== undefined && !Object.hasOwn(first, column))
    throw new Fault(
      'Refused',
      `The answer to select.kql.query of the pipeline has no column ${column}, as select.kql.column says; it has ${Object.keys(first).slice(0, MOST_SHOWN).join(', ')}.`,
    );
  return rows.flatMap((row) => (typeof row[column] === 'string' ? [row[column]] : []));
}
