import { z } from 'zod';

/** What the Entra ID stand-in does otherwise. */
export const entraFaults = z.strictObject({
  /** How long the tokens are good that are given from now on. */
  tokenSeconds: z.number().int().min(0).default(3_599),
  /**
   * Audiences whose permission the application does not have: the tokens that are given meanwhile lack it for as long as they are
   * good, whatever is granted later. (Source: learn.microsoft.com, "Access token claims reference": `roles` are in the token.)
   */
  withoutPermission: z.array(z.string()).default([]),
  /**
   * Tokens that were given while this was another number are not accepted any more, as after a revocation. (Source: learn.microsoft.com,
   * "Continuous access evaluation for workload identities".)
   */
  era: z.number().int().default(0),
  /** No token for anyone: the client secret has expired. */
  refuse: z.boolean().default(false),
});
export type EntraFaults = z.infer<typeof entraFaults>;
