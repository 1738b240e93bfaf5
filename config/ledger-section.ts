import { z } from 'zod';
import { duration } from '../settings/duration.ts';
import { type SecretRef, secretRef } from '../settings/secret-ref.ts';

/** How a PostgreSQL is used, wherever it is. */
const server = z.strictObject({
  connections: z
    .int()
    .min(1)
    .max(500)
    .prefault(10)
    .describe('Connections of one worker to the PostgreSQL at most. Default: 10'),
  statementTimeout: duration({ min: '1s', max: '1h' })
    .prefault('1m')
    .describe('A statement that takes longer at the PostgreSQL is broken off, and tried again. Default: 1m'),
  caFile: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Path of PEM certificates: who may have signed that of the PostgreSQL; with it, the connection is encrypted and checked. Example: /etc/ssl/db-ca.pem',
    ),
});

export type ServerUse = z.output<typeof server>;

/** As it is used where nothing is said. */
export const DEFAULT_SERVER_USE: ServerUse = server.parse({});

/** A folder for the embedded ledger (one worker process), or a PostgreSQL and where its address is (several). */
export type LedgerPlace = { readonly path: string } | ({ readonly url: SecretRef } & ServerUse);

export const ledgerSection = z
  .strictObject({
    path: z
      .string({ error: 'expected the path of a folder, as text' })
      .min(1)
      .optional()
      .describe(
        'Folder of the embedded ledger, from the working directory; for one worker process. Default: ./.mdti-sync/ledger',
      ),
    url: secretRef('text')
      .optional()
      .describe(
        'Where the address of a PostgreSQL is, postgres://USER:PASSWORD@HOST:5432/DATABASE?sslmode=verify-full; needed for several workers. Example: { env: LEDGER_URL }',
      ),
    ...server.shape,
  })
  .transform(({ path, url, ...use }, context): LedgerPlace => {
    if (path !== undefined && url === undefined) return { path };
    if (url !== undefined && path === undefined) return { url, ...use };
    context.addIssue({ code: 'custom', message: 'expected exactly one of path and url' });
    return z.NEVER;
  })
  .meta({ oneOf: [{ required: ['path'] }, { required: ['url'] }] });
