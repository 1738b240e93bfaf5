import { z } from 'zod';
import { runJudge } from './judges.ts';
import type { TaxiiServer } from './taxii-servers.ts';

/** The objects of a collection as an independent client reads them: the newest versions, or what matches (`match[id]`, `match[version]`, …). */
export function readTaxii(
  { collection, caFile, user, password, bearer }: TaxiiServer,
  match: Readonly<Record<string, readonly string[]>> = {},
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const who = bearer === null ? { user, password } : { bearer };
  return runJudge(
    'read_taxii.py',
    { collection, ca_file: caFile, match, ...who },
    z.array(z.record(z.string(), z.unknown())),
  );
}
