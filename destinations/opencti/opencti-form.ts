import { z } from 'zod';
import { TLP_LEVELS } from '../../indicators/indicator.ts';
import type { Form, Held } from '../destination.ts';

const openCtiForm = z.object({
  /** Of the version that was sent. */
  modified: z.string(),
  created: z.string(),
  author: z.string(),
  /** That was to be sent, and that was: see `score-to-send.ts`. */
  wanted: z.number(),
  score: z.number(),
  /** All that were ever sent, in order. */
  scores: z.array(z.number()).readonly(),
  types: z.array(z.string()).readonly(),
  labels: z.array(z.string()).readonly(),
  tlp: z.enum(TLP_LEVELS),
  /** Null for never. */
  until: z.string().nullable(),
  /** A digest; null for none. */
  description: z.string().nullable(),
});

/** What is kept of an indicator as it was sent: what it is compared by when it is read back, and what the next version needs. */
export type OpenCtiForm = Readonly<z.infer<typeof openCtiForm>>;

/** Null for one that asks for nothing. */
export function readForm(form: Form): OpenCtiForm | null {
  return openCtiForm.safeParse(form).data ?? null;
}

/** All that OpenCTI may have of an item, in the order in which it was sent. */
export function formsOf(held: Held | null | undefined): readonly OpenCtiForm[] {
  if (held === null || held === undefined) return [];
  return [...(held.form === null ? [] : [held.form]), ...held.maybes]
    .flatMap((form) => readForm(form) ?? [])
    .toSorted((one, other) => Date.parse(one.modified) - Date.parse(other.modified));
}
