import { z } from 'zod';

/** What the Entra ID stand-in does otherwise. */
export const entraFaults = z.strictObject({
  /** How long the tokens are good that are given from now on. */
  tokenSeconds: z.number().int().min(0).default(3_599),
  /** No token for anyone: the client secret has expired. */
  refuse: z.boolean().default(false),
});
export type EntraFaults = z.infer<typeof entraFaults>;
