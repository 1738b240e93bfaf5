/** Whether it tells a person something: some words, and an end. */
export function isSentence(text: string | null | undefined): boolean {
  return typeof text === 'string' && /^\S.{9,}[.!?)]$/s.test(text.trim());
}

export function sentenceOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** The last of the errors that caused it. */
export function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? causeOf(error.cause) : error.message;
}
