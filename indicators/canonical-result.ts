import type { IndicatorKey } from './indicator.ts';
import type { Note } from './notes.ts';

export type CanonicalResult =
  /** With a note when it is another thing than it is said to be. */
  | { readonly ok: true; readonly key: IndicatorKey; readonly note?: Note }
  /** Why the text is no indicator of that type; says nothing of the text itself. */
  | { readonly ok: false; readonly reason: string };
