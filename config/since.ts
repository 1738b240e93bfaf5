import { z } from 'zod';
import { parseDuration } from '../settings/duration.ts';
import { parseInstant } from './instant.ts';

/** Where a pipeline that has covered nothing yet begins: so many milliseconds back from its first run, or at an instant. */
export type Since = { readonly back: number } | { readonly at: Date };

const asked = 'expected how far to go back (30d) or a date (2026-01-31, or 2026-01-31T08:00:00Z)';
/** No workspace keeps more: 12 years. (Source: learn.microsoft.com, "Manage data retention in a Log Analytics workspace".) */
const FURTHEST = '4400d';

export const since = z.string({ error: asked }).transform((text, context): Since => {
  const back = parseDuration(text);
  if (back !== null && back <= (parseDuration(FURTHEST) ?? 0)) return { back };
  const instant = back === null ? parseInstant(text, new Date()) : null;
  if (instant?.ok === true) return { at: instant.at };
  const problem = instant?.problem ?? `and no more than ${FURTHEST}, found "${text.slice(0, 40)}"`;
  context.addIssue({ code: 'custom', message: `${asked}, ${problem}` });
  return z.NEVER;
});
