import type { LedgerDb } from '../ledger/open-ledger.ts';

/** Where a pipeline's live coverage begins: its first live window. Null before the first run. */
export async function liveBegin(ledger: LedgerDb, pipeline: string): Promise<Date | null> {
  const first = await ledger
    .selectFrom('windows')
    .select((eb) => eb.fn.min('from_time').as('from'))
    .where('pipeline', '=', pipeline)
    .where('kind', '=', 'live')
    .executeTakeFirst();
  return first?.from ?? null;
}
