import { z } from 'zod';
import { runJudge } from './judges.ts';

const foundShape = z.array(z.object({ id: z.string(), errors: z.array(z.string()), warnings: z.array(z.string()) }));

/** What STIX only recommends: random ids, where it allows ours (section 2.9), and hashes of pages, which MDTI does not give us. */
const NOT_OURS = /\{(103|302)\}/;

/** What stix2-validator has against objects: of each that it has something against, its id and what. */
export async function stixFindings(
  objects: readonly { readonly id: string }[],
): Promise<readonly { readonly id: string; readonly findings: readonly string[] }[]> {
  const found = await runJudge('validate_stix.py', objects, foundShape);
  return found
    .map(({ id, errors, warnings }) => ({
      id,
      findings: errors.concat(warnings.filter((warning) => !NOT_OURS.test(warning))),
    }))
    .filter(({ findings }) => findings.length > 0);
}
