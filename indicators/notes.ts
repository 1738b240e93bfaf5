/** What of a row was read otherwise than it is written, or left out. A person sees it; it is no part of what is delivered. */
export const NOTES = {
  'hash-kind-by-length': 'a hash whose length is that of another kind than it is labelled as: taken for that kind',
  'taken-from-pattern': 'the observable is of no use, but the pattern beside it names others: those are taken',
  'empty-date': 'a date that stands for none (0001-01-01 and the like): left out',
  'unreadable-confidence': 'a confidence that is no number: left out',
  'unreadable-label': 'something among labels, types or tags that is no text: left out',
} as const;
export type Note = keyof typeof NOTES;

/** The part of the facts that says them: each once, sorted; nothing for none. */
export function notesOf(notes: readonly Note[]): { readonly notes?: readonly Note[] } {
  return notes.length === 0 ? {} : { notes: [...new Set(notes)].sort() };
}
