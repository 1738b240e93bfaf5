import { createHash } from 'node:crypto';

/** A few characters that tell one text from another, however its spaces and line breaks are kept. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text.replace(/\s+/g, ' ').trim()).digest('base64url').slice(0, 12);
}
