import { z } from 'zod';
import { parseDuration } from './duration.ts';

/** Where a pipeline that has covered nothing yet begins: so many milliseconds back from its first run, or at an instant. */
export type Since = { readonly back: number } | { readonly at: Date };

const asked = 'expected how far to go back (30d) or a date (2026-01-31, or 2026-01-31T08:00:00Z)';
const DATE = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,7})?)?Z)?$/;

export const since = z.string({ error: asked }).transform((text, context): Since => {
  const back = parseDuration(text);
  if (back !== null) return { back };
  const at = new Date(DATE.test(text) ? text : Number.NaN);
  // A day that the month does not have would roll over to the next.
  if (!Number.isNaN(at.getTime()) && at.toISOString().startsWith(text.slice(0, 10))) return { at };
  context.addIssue({ code: 'custom', message: `${asked}, found "${text.slice(0, 40)}"` });
  return z.NEVER;
});
