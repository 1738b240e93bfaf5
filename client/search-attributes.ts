import proto from '@temporalio/proto';
import { SEARCH_ATTRIBUTES } from '../workflows/search-attributes.ts';
import type { Temporal } from './connect.ts';
import { unknownSearchAttribute } from './temporal-failure.ts';

const { IndexedValueType } = proto.temporal.api.enums.v1;

/** Temporal's server-side type for each of ours. */
export const TYPES = {
  KEYWORD: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  INT: IndexedValueType.INDEXED_VALUE_TYPE_INT,
  DATETIME: IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
} as const;

/** gRPC's PERMISSION_DENIED and UNIMPLEMENTED: Temporal Cloud lets no client do what is an operator's. */
const NOT_FOR_CLIENTS: ReadonlySet<unknown> = new Set([7, 12]);

export type Registration =
  /** Those that were missing. */
  | { readonly kind: 'registered'; readonly names: readonly string[] }
  /** Temporal does not let a client do it, and one is missing; the sentence says how else. */
  | { readonly kind: 'by hand'; readonly sentence: string };

/** Registers the search attributes that the namespace does not have yet. */
export async function registerSearchAttributes(temporal: Temporal): Promise<Registration> {
  const { connection, namespace } = temporal;
  try {
    const known = await connection.operatorService.listSearchAttributes({ namespace });
    const missing = SEARCH_ATTRIBUTES.filter(({ name }) => known.customAttributes[name] === undefined);
    if (missing.length === 0) return { kind: 'registered', names: [] };
    await connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing.map(({ name, type }) => [name, TYPES[type]])),
    });
    return { kind: 'registered', names: missing.map(({ name }) => name) };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && NOT_FOR_CLIENTS.has(error.code))) throw error;
    if ((await missingSearchAttribute(temporal)) === null) return { kind: 'registered', names: [] };
    return { kind: 'by hand', sentence: byHand(namespace) };
  }
}

/** The sentence about a search attribute that the namespace does not know; null when it knows all, or when it cannot be asked. */
export async function missingSearchAttribute({ client, namespace }: Temporal): Promise<string | null> {
  try {
    await client.workflow.count(SEARCH_ATTRIBUTES.map(({ name }) => `${name} is null`).join(' and '));
    return null;
  } catch (error) {
    return unknownSearchAttribute(error, namespace);
  }
}

/** (Source: docs.temporal.io, "tcld namespace search-attributes add".) */
function byHand(namespace: string): string {
  const flags = SEARCH_ATTRIBUTES.map(({ name, type }) => `--search-attribute "${name}=${titled(type)}"`);
  return `Temporal does not let a client register search attributes, as Temporal Cloud does not. Register them there: tcld namespace search-attributes add --namespace ${namespace} ${flags.join(' ')}`;
}

/** `KEYWORD` as people write it. */
function titled(type: string): string {
  return `${type.slice(0, 1)}${type.slice(1).toLowerCase()}`;
}
