import { z } from 'zod';

/** One setting as the reference shows it. */
export interface Setting {
  /** `mdti.ttl`, from the section on. */
  readonly path: string;
  readonly name: string;
  /** What may stand there: `boolean`, `required | automatic`, `duration`. */
  readonly type: string;
  readonly sentence: string;
  /** As it is written; null where there is none. */
  readonly default: string | null;
  readonly example: string | null;
  /** Of a section. */
  readonly settings: readonly Setting[];
}

const node = z.looseObject({
  type: z.string().optional(),
  description: z.string().optional(),
  const: z.string().optional(),
  enum: z.array(z.unknown()).optional(),
  pattern: z.string().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  items: z.unknown().optional(),
  oneOf: z.array(z.unknown()).optional(),
  anyOf: z.array(z.unknown()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  additionalProperties: z.unknown().optional(),
});
type Node = z.infer<typeof node>;

/** The settings of an object in a JSON Schema, in their order; those of its sections are below them. */
export function settingsIn(schema: unknown, path = ''): readonly Setting[] {
  const { properties = {} } = node.parse(schema);
  return Object.entries(properties).map(([name, property]) => {
    const own = node.parse(property);
    const at = path === '' ? name : `${path}.${name}`;
    const { sentence, default: otherwise, example } = partsOf(own.description ?? '');
    const isSection = own.properties !== undefined && typeOf(own) === 'section';
    return {
      path: at,
      name,
      type: typeOf(own),
      sentence,
      default: otherwise,
      example,
      settings: isSection ? settingsIn(own, at) : [],
    };
  });
}

/** A description is the sentence, then `Default: …`, then `Example: …`. */
function partsOf(description: string): Pick<Setting, 'sentence' | 'default' | 'example'> {
  const [before = '', example = null] = description.split(' Example: ');
  const [sentence = '', otherwise = null] = before.split(' Default: ');
  return { sentence, default: otherwise?.replace(/\.$/, '') ?? null, example };
}

const DURATION = 'ms|s|m|h|d|w';
const SIZE = 'KiB|MiB';

function typeOf(own: Node): string {
  const { type, enum: choices, pattern = '', oneOf, anyOf, properties, additionalProperties } = own;
  if (own.const !== undefined) return own.const;
  if (choices !== undefined) return choices.join(' | ');
  if (isSecret(own)) return 'secret';
  if (properties !== undefined) return 'section';
  if (pattern.includes(DURATION)) return 'duration';
  if (pattern.includes(SIZE)) return 'size';
  const several = oneOf ?? anyOf;
  if (several !== undefined) return [...new Set(several.map((one) => typeOf(node.parse(one))))].join(' | ');
  if (type === 'array') return `list of ${typeOf(node.parse(own.items ?? {}))}`;
  if (type === 'integer' || type === 'number') return rangeOf(own);
  if (type === 'object') return additionalProperties === undefined ? 'section' : 'map';
  return type === 'string' ? 'text' : (type ?? 'any');
}

function isSecret({ properties = {} }: Node): boolean {
  return Object.keys(properties).join() === 'env,file';
}

function rangeOf({ type, minimum, maximum }: Node): string {
  const name = type === 'integer' ? 'whole number' : 'number';
  const isBounded = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
  if (minimum === undefined || !isBounded) return name;
  return `${name} from ${minimum} to ${maximum}`;
}
