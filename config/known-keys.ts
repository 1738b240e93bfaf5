import { z } from 'zod';
import { configJsonSchema } from './config-json-schema.ts';
import type { Path } from './file-position.ts';

const node = z.looseObject({
  properties: z.record(z.string(), z.unknown()).optional(),
  additionalProperties: z.unknown().optional(),
  oneOf: z.array(z.unknown()).optional(),
  anyOf: z.array(z.unknown()).optional(),
});
type Node = z.infer<typeof node>;

const fixed = z.object({ const: z.unknown() });
const mapping = z.record(z.string(), z.unknown());

/** The keys that a mapping at this path of the file may have; empty when it is no mapping of fixed keys. */
export function knownKeys(path: Path, file: unknown): readonly string[] {
  let at: readonly unknown[] = [configJsonSchema()];
  let written = file;
  for (const step of path) {
    at = branchesOf(at, written).flatMap((branch) => below(branch, String(step)));
    written = mapping.safeParse(written).data?.[String(step)];
  }
  return [...new Set(branchesOf(at, written).flatMap(({ properties }) => Object.keys(properties ?? {})))];
}

function below({ properties, additionalProperties }: Node, key: string): unknown[] {
  const found = properties?.[key] ?? additionalProperties;
  return typeof found === 'object' && found !== null ? [found] : [];
}

/** The schemas themselves and the alternatives of unions, but those that what is written there has not chosen. */
function branchesOf(schemas: readonly unknown[], written: unknown): readonly Node[] {
  const all = schemas.flatMap(branches);
  const chosen = all.filter((branch) => isChosen(branch, mapping.safeParse(written).data ?? {}));
  return chosen.length > 0 ? chosen : all;
}

function branches(schema: unknown): Node[] {
  const parsed = node.safeParse(schema);
  if (!parsed.success) return [];
  const { oneOf = [], anyOf = [] } = parsed.data;
  return [parsed.data, ...[...oneOf, ...anyOf].flatMap(branches)];
}

/** A key with one possible value tells alternatives apart: `type: taxii`. */
function isChosen({ properties }: Node, written: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(properties ?? {}).every(([key, schema]) => {
    const only = fixed.safeParse(schema);
    return !only.success || !('const' in only.data) || written[key] === undefined || written[key] === only.data.const;
  });
}
