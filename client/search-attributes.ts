import proto from '@temporalio/proto';
import { SEARCH_ATTRIBUTES } from '../workflows/search-attributes.ts';
import type { Temporal } from './connect.ts';

const { IndexedValueType } = proto.temporal.api.enums.v1;

/** Temporal's server-side type for each of ours. */
const TYPES = {
  KEYWORD: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  INT: IndexedValueType.INDEXED_VALUE_TYPE_INT,
  DATETIME: IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
} as const;

/** Registers the search attributes that the namespace does not have yet; returns their names. */
export async function registerSearchAttributes({ connection, namespace }: Temporal): Promise<readonly string[]> {
  const known = await connection.operatorService.listSearchAttributes({ namespace });
  const missing = SEARCH_ATTRIBUTES.filter(({ name }) => known.customAttributes[name] === undefined);
  if (missing.length === 0) return [];
  await connection.operatorService.addSearchAttributes({
    namespace,
    searchAttributes: Object.fromEntries(missing.map(({ name, type }) => [name, TYPES[type]])),
  });
  return missing.map(({ name }) => name);
}
