import { z } from 'zod';
import { type SecretRef, secretRef } from './secret-ref.ts';

/** A folder for the embedded ledger (one worker process), or where the address of a PostgreSQL is (several). */
export type LedgerPlace = { readonly path: string } | { readonly url: SecretRef };

export const ledgerSection = z
  .strictObject({
    path: z
      .string({ error: 'expected the path of a folder, as text' })
      .min(1)
      .optional()
      .describe(
        'Folder of the embedded ledger, from the working directory; for one worker process. Default: ./.mdti-sync/ledger',
      ),
    url: secretRef
      .optional()
      .describe('Where the address of a PostgreSQL is; needed for several workers. Example: { env: LEDGER_URL }'),
  })
  .transform(({ path, url }, context): LedgerPlace => {
    if (path !== undefined && url === undefined) return { path };
    if (url !== undefined && path === undefined) return { url };
    context.addIssue({ code: 'custom', message: 'expected exactly one of path and url' });
    return z.NEVER;
  })
  .meta({ oneOf: [{ required: ['path'] }, { required: ['url'] }] });
