import { type JsonTexts, jsonTexts, parsedJson } from './json-texts.ts';
import { excerpt } from './storable-text.ts';
import { isTlpTag } from './tlp.ts';

/** Each tag is cut here, and the rest of the list is left out: what is longer is of no use to a reader, and would burden a request. */
const LONGEST_TAG = 200;
const MOST_TAGS = 200;

/** The tags of a `Tags` column, as they stand: comma-separated, or JSON in any form. */
export function splitTags(column: string): JsonTexts {
  const text = column.trim();
  if (text === '' || text === 'null') return { texts: [], leftOut: false };
  const json = parsedJson(text);
  return json === undefined ? { texts: text.split(','), leftOut: false } : jsonTexts(json);
}

/**
 * Trimmed, each once, sorted by code unit, without empty ones and without those that are only a TLP marking; of a list of thousands
 * the first 200 by that order, so that the same list always gives the same ones.
 */
export function tidyTags(tags: readonly string[]): readonly string[] {
  const kept = new Set<string>();
  for (const tag of tags) {
    const tidy = excerpt(tag.replace(/[\s\p{Cc}\p{Cs}]+/gu, ' ').trim(), LONGEST_TAG).trim();
    if (tidy !== '' && !isTlpTag(tidy)) kept.add(tidy);
  }
  return [...kept].sort().slice(0, MOST_TAGS);
}
