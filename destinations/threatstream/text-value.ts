/**
 * A value as it can stand in the text of an import, which is cut at blanks, commas and quotes: in URLs they become percent
 * escapes, which servers read the same. Other values cannot hold them.
 */
export function textValue(value: string): string {
  if (!value.includes('://')) return value;
  return value.replace(/[\s,;"'<>\\^`{|}]/g, (character) => percent(character));
}

/** Values that ThreatStream shows in another case, without a closing slash or as a text has them are the same values. */
export function comparable(value: string): string {
  return textValue(value).toLowerCase().replace(/\/$/, '');
}

function percent(character: string): string {
  const encoded = encodeURIComponent(character);
  return encoded === character ? `%${character.charCodeAt(0).toString(16).toUpperCase()}` : encoded;
}
