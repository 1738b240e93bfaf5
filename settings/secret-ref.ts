import { z } from 'zod';

/** Where the secret goes: an HTTP header takes printable ASCII alone, and the user of basic authentication has no colon (RFC 7617, 2). */
export type SecretUse = 'text' | 'header' | 'user';

/** Where a secret is, never what it is. */
export type SecretRef = ({ readonly env: string } | { readonly file: string }) & { readonly use: SecretUse };

const form = '{ env: NAME } or { file: PATH }';

/** Its messages never repeat what was found: someone may have put the secret itself there. */
const place = z
  .strictObject(
    {
      env: z
        .string({ error: `expected the name of an environment variable, as text` })
        .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, {
          error: 'expected the name of an environment variable (letters, digits and _), and what is there is none',
        })
        .optional()
        .describe('Name of the environment variable that holds it. Example: THREATSTREAM_API_KEY'),
      file: z
        .string({ error: 'expected the path of a file, as text' })
        .min(1, { error: 'expected the path of a file, found an empty text' })
        .optional()
        .describe(
          'Path of a file that holds it, from the working directory; a line break at its end is left out. Example: /run/secrets/apikey',
        ),
    },
    {
      error: ({ code, input }) => {
        if (code === 'unrecognized_keys') return undefined;
        if (input === undefined) return `expected ${form}, but it is missing`;
        return typeof input === 'string' || typeof input === 'number'
          ? `a secret is never in this file: expected ${form}. Take it out, and change it at its issuer if the file was shared`
          : `expected ${form}`;
      },
    },
  )
  .transform(({ env, file }, context): { readonly env: string } | { readonly file: string } => {
    if (env !== undefined && file === undefined) return { env };
    if (file !== undefined && env === undefined) return { file };
    context.addIssue({ code: 'custom', message: `expected exactly one of env and file: ${form}` });
    return z.NEVER;
  });

/** A field for a secret that goes there. */
export function secretRef(use: SecretUse) {
  return place
    .transform((ref): SecretRef => ({ ...ref, use }))
    .meta({ oneOf: [{ required: ['env'] }, { required: ['file'] }] });
}
