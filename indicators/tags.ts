import { excerpt } from './storable-text.ts';
import { isTlpTag } from './tlp.ts';

/** Each tag is cut here, and the rest of the list is left out: what is longer is of no use to a reader, and would burden a request. */
const LONGEST_TAG = 200;
const MOST_TAGS = 200;

/** The tags of a `Tags` column, as they stand: comma-separated, or the text of a JSON array. */
export function splitTags(column: string): readonly string[] {
  const text = column.trim();
  if (text === '') return [];
  return (text.startsWith('[') ? jsonTexts(text) : null) ?? text.split(',');
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

function jsonTexts(text: string): readonly string[] | null {
  try {
    const parsed: unknown = JSON.parse(text);
    if (!Array.isArray(parsed)) return null;
    return parsed.filter((item) => typeof item === 'string' || typeof item === 'number').map(String);
  } catch {
    return null;
  }
}
