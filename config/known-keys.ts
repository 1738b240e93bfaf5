import { z } from 'zod';
import { configJsonSchema } from './config-json-schema.ts';
import type { Path } from './file-position.ts';

const node = z.looseObject({
  properties: z.record(z.string(), z.unknown()).optional(),
  additionalProperties: z.unknown().optional(),
  oneOf: z.array(z.unknown()).optional(),
});

/** The keys that a mapping at this path may have; empty when it is no mapping of fixed keys. */
export function knownKeys(path: Path): readonly string[] {
  let at: unknown[] = [configJsonSchema()];
  for (const step of path) at = at.flatMap((schema) => below(schema, String(step)));
  return [
    ...new Set(at.flatMap((schema) => branches(schema)).flatMap(({ properties }) => Object.keys(properties ?? {}))),
  ];
}

function below(schema: unknown, key: string): unknown[] {
  return branches(schema).flatMap(({ properties, additionalProperties }) => {
    const found = properties?.[key] ?? additionalProperties;
    return typeof found === 'object' && found !== null ? [found] : [];
  });
}

/** The schema itself and the alternatives of a union. */
function branches(schema: unknown): z.infer<typeof node>[] {
  const parsed = node.safeParse(schema);
  if (!parsed.success) return [];
  return [parsed.data, ...(parsed.data.oneOf ?? []).flatMap(branches)];
}
