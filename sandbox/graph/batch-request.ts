import { z } from 'zod';

/** The most requests in one `$batch`. (Source: "Combine multiple HTTP requests using JSON batching".) */
const MOST = 20;

const batch = z.object({
  requests: z
    .array(z.object({ id: z.string().min(1), method: z.string(), url: z.string() }))
    .min(1)
    .max(MOST, { error: `Number of batch request steps exceeds the maximum value of ${MOST}.` })
    .refine((requests) => new Set(requests.map(({ id }) => id)).size === requests.length, {
      error: 'Request Id has to be unique in a batch.',
    })
    .refine((requests) => requests.every(({ url }) => !/^[a-z]+:/i.test(url)), {
      error: 'The url of a batch request step must be relative.',
    }),
});

export type BatchStep = z.infer<typeof batch>['requests'][number];

export type BatchRequest =
  | { readonly ok: true; readonly steps: readonly BatchStep[] }
  | { readonly ok: false; readonly message: string };

/** Reads the body of a `$batch`. */
export function batchRequest(body: string): BatchRequest {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return { ok: false, message: 'Invalid batch payload format.' };
  }
  const parsed = batch.safeParse(json);
  if (parsed.success) return { ok: true, steps: parsed.data.requests };
  return { ok: false, message: parsed.error.issues[0]?.message ?? 'Invalid batch payload format.' };
}
