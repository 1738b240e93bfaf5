import { isTlpTag } from './tlp.ts';

/** The tags of a `Tags` column, as they stand: comma-separated, or the text of a JSON array. */
export function splitTags(column: string): readonly string[] {
  const text = column.trim();
  if (text === '') return [];
  return (text.startsWith('[') ? jsonTexts(text) : null) ?? text.split(',');
}

/** Trimmed, each once, sorted by code unit, without empty ones and without those that are only a TLP marking. */
export function tidyTags(tags: readonly string[]): readonly string[] {
  const kept = new Set<string>();
  for (const tag of tags) {
    const tidy = tag.replace(/[\s\p{Cc}\p{Cs}]+/gu, ' ').trim();
    if (tidy !== '' && !isTlpTag(tidy)) kept.add(tidy);
  }
  return [...kept].sort();
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
