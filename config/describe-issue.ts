import { z } from 'zod';
import type { Path } from './file-position.ts';
import { knownKeys } from './known-keys.ts';
import { nearest } from './nearest.ts';

export interface Described {
  readonly path: Path;
  readonly message: string;
  readonly suggestion: string | null;
  /** True when it is the key that is wrong, not its value. */
  readonly key?: boolean;
}

/** What zod found in the file, in words. One issue may be several: each unknown key is a mistake of its own. */
export function describeIssue(issue: z.core.$ZodIssue, file: unknown): readonly Described[] {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(path, key, file));
    case 'invalid_value':
      return [{ path, ...oneOf(issue.values.map(String), issue.input) }];
    case 'invalid_union':
      if (meantOf(issue).length > 0) return meantOf(issue).flatMap((one) => describeIssue(one, file));
      if (issue.inclusive === false || !('options' in issue))
        return [{ path, message: custom(issue.message), suggestion: null }];
      return [{ path, ...oneOf(named(issue.options ?? []), fieldOf(issue.input, issue.discriminator)) }];
    case 'too_small':
      if (!issue.message.startsWith('Too small')) return [{ path, message: issue.message, suggestion: null }];
      return [{ path, ...outOfBound(issue.origin, `at least ${issue.minimum}`, String(issue.minimum), issue.input) }];
    case 'too_big':
      return [{ path, ...outOfBound(issue.origin, `at most ${issue.maximum}`, String(issue.maximum), issue.input) }];
    case 'invalid_type':
      return [{ path, ...wrongType(issue) }];
    case 'invalid_key':
      return [
        { path, message: issue.issues[0]?.message ?? issue.message, suggestion: plainName(String(path.at(-1) ?? '')) },
      ];
    case 'custom':
      if (issuesIn(issue.params).length > 0) {
        return issuesIn(issue.params).flatMap((one) =>
          describeIssue(Object.assign({}, one, { path: [...path, ...one.path] }), file),
        );
      }
      return [{ path, message: issue.message, suggestion: suggestionOf(issue.params) }];
    case 'invalid_element':
    case 'invalid_format':
    case 'not_multiple_of':
    default:
      return [{ path, message: issue.message, suggestion: null }];
  }
}

/** Where nothing need be said to mean one of them, that is no value to write. */
function named(options: readonly unknown[]): readonly string[] {
  return options.filter((option) => option !== undefined).map(String);
}

/** Of a mapping that is none of several forms: what is wrong with the one that it comes closest to, if it has any key of it. */
function meantOf({ path, input, errors }: z.core.$ZodIssueInvalidUnion): readonly z.core.$ZodIssue[] {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return [];
  const keys = Object.keys(input).length;
  const isMapping = (issue: z.core.$ZodIssue): boolean =>
    issue.code === 'unrecognized_keys' ? issue.keys.length < keys : issue.path.length > 0;
  const [closest] = errors
    .filter((issues) => issues.length > 0 && issues.every(isMapping))
    .toSorted((a, b) => weightOf(a) - weightOf(b));
  return (closest ?? []).map((issue) => Object.assign({}, issue, { path: [...path, ...issue.path] }));
}

const nested = z.object({
  issues: z.array(z.custom<z.core.$ZodIssue>((one) => typeof one === 'object' && one !== null)),
});

/** What a part of the file has against it that was read by a schema of its own. */
function issuesIn(params: unknown): readonly z.core.$ZodIssue[] {
  return nested.safeParse(params).data?.issues ?? [];
}

function weightOf(issues: readonly z.core.$ZodIssue[]): number {
  return issues.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 1), 0);
}

/** The library's own messages begin with these; ours are sentences already. */
function custom(message: string): string {
  return message === 'Invalid input' ? 'is not of an expected form' : message;
}

function unknownKey(parent: Path, key: string, file: unknown): Described {
  const known = knownKeys(parent, file);
  // Of another form that may stand there.
  if (known.includes(key)) {
    return { path: [...parent, key], message: 'does not go with what stands beside it', suggestion: null, key: true };
  }
  return {
    path: [...parent, key],
    message: known.length === 0 ? 'is not a setting' : `is not a setting; there are ${known.join(', ')} here`,
    suggestion: nearest(key, known),
    key: true,
  };
}

function oneOf(values: readonly string[], input: unknown) {
  const expected = values.length === 1 ? `expected ${values[0]}` : `expected one of ${values.join(', ')}`;
  if (input === undefined) return { message: `${expected}, but it is missing`, suggestion: null };
  return {
    message: `${expected}, found ${show(input)}`,
    suggestion: nearest(plainText(input), values),
  };
}

const COUNTED: ReadonlyMap<string, readonly [one: string, more: string]> = new Map([
  ['string', ['character', 'characters']],
  ['array', ['entry', 'entries']],
]);

function outOfBound(origin: string, bound: string, suggestion: string, input: unknown) {
  const counted = COUNTED.get(origin);
  if (counted !== undefined) {
    const isOne = suggestion === '1';
    return { message: `expected ${bound} ${isOne ? counted[0] : counted[1]}`, suggestion: null };
  }
  return { message: `expected a number of ${bound}, found ${show(input)}`, suggestion };
}

const KINDS: ReadonlyMap<string, string> = new Map([
  ['string', 'text'],
  ['number', 'a number'],
  ['int', 'a whole number'],
  ['boolean', 'true or false'],
  ['object', 'a mapping of settings'],
  ['record', 'a mapping of names to settings'],
  ['array', 'a list'],
]);

const COMPOUND: ReadonlySet<string> = new Set(['object', 'record', 'array']);

function wrongType({ expected, input, message }: z.core.$ZodIssueInvalidType) {
  if (!message.startsWith('Invalid input')) return { message, suggestion: null };
  const kind = KINDS.get(expected) ?? expected;
  if (input === undefined) return { message: `is missing: expected ${kind}`, suggestion: null };
  // Where a mapping or a list belongs, a text could be a secret that was put one level too high.
  const found = typeof input === 'string' && COMPOUND.has(expected) ? 'a text' : show(input);
  const whole = expected === 'int' && typeof input === 'number' ? String(Math.round(input)) : null;
  return { message: `expected ${kind}, found ${found}`, suggestion: whole };
}

/** Only short plain values are repeated: a long text could be anything. */
function show(input: unknown): string {
  if (input === null) return 'nothing';
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'object') return 'a mapping';
  return typeof input === 'string' ? `"${input.slice(0, 40)}"` : plainText(input);
}

function plainText(input: unknown): string {
  return typeof input === 'string' || typeof input === 'number' || typeof input === 'boolean' ? String(input) : '';
}

function fieldOf(input: unknown, field: string | undefined): unknown {
  if (typeof input !== 'object' || input === null || field === undefined) return input;
  return Object.entries(input).find(([key]) => key === field)?.[1];
}

function plainName(name: string): string | null {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|(?<!-)-+$/g, '')
    .slice(0, 40);
  return plain === '' ? null : plain;
}

function suggestionOf(params: Record<string, unknown> | undefined): string | null {
  const suggestion = params?.['suggestion'];
  return typeof suggestion === 'string' ? suggestion : null;
}
