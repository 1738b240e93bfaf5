/** A text as MISP's database keeps it: what lies beyond the basic plane of Unicode is `?`. (Source: MISP 2.5.1, db_schema.json: utf8mb3.) */
export function basicPlane(text: string): string {
  return text.replaceAll(/[\u{10000}-\u{10ffff}]/gu, '?');
}
