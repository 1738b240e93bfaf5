import { z } from 'zod';
import type { Stack } from './stack.ts';

const counts = z.looseObject({
  requests: z.unknown(),
  throttled: z.unknown(),
  tips: z.record(z.string(), z.looseObject({})),
});

/** What the sandbox has counted, of one TIP beside all APIs. */
export async function tipCounts({ control }: Pick<Stack, 'control'>, tip = 'threatstream'): Promise<object> {
  const { tips, ...all } = counts.parse(await control('GET', '/counts'));
  return { ...tips[tip], ...all };
}
