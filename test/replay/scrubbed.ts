import { hostname } from 'node:os';

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** What a recorded history says in place of what differs between machines and runs. */
export interface Names {
  /** The pipeline's name, which was made up for the run. */
  readonly pipeline: string;
  readonly as: string;
}

/** `process@host`, which stands in identities and in the names of sticky queues. */
const IDENTITY = new RegExp(`\\d+@${hostname().replaceAll(/[^\w-]/g, String.raw`\$&`)}`, 'g');

/**
 * The history's JSON without what it tells of the machine: process and host in identities, paths in stack traces. The pipeline is
 * renamed, also inside payloads. None of it matters for a replay.
 */
export function scrubbed(value: Json, names: Names): Json {
  if (typeof value === 'string') return renamed(value, names);
  if (Array.isArray(value)) return value.map((item: Json) => scrubbed(item, names));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      if (name === 'stackTrace') return [name, ''];
      if (name === 'data' && typeof inner === 'string') return [name, recoded(inner, names)];
      return [name, scrubbed(inner, names)];
    }),
  );
}

function renamed(text: string, { pipeline, as }: Names): string {
  return text.replaceAll(IDENTITY, 'worker').replaceAll(pipeline, as);
}

/** A payload's bytes: JSON of this project, in base64. */
function recoded(data: string, names: Names): string {
  return Buffer.from(renamed(Buffer.from(data, 'base64').toString('utf8'), names)).toString('base64');
}
