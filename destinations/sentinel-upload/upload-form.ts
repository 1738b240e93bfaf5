import { z } from 'zod';
import type { Form, Held } from '../destination.ts';

/** A version of an object that was uploaded, or may have been: as much of it as revoking it takes. Times are ISO 8601 in UTC. */
const version = z.object({
  id: z.string(),
  /** How often the indicator had been revoked before. */
  generation: z.int(),
  created: z.string(),
  modified: z.string(),
  from: z.string(),
  until: z.string().nullable(),
  marking: z.string(),
});
export type Version = z.infer<typeof version>;

/** `replaces`: what nobody has seen revoked, and is revoked together with bringing this. */
const uploadForm = version.extend({ replaces: z.array(version).readonly() });
export type UploadForm = z.infer<typeof uploadForm>;

/** Null for one of which nothing is wanted, or known. */
export function readForm(form: Form | null): UploadForm | null {
  const read = uploadForm.safeParse(form);
  return read.success ? read.data : null;
}

/** An object as the workspace showed it last. */
export interface SeenObject {
  readonly id: string;
  readonly generation: number;
  readonly modified: string;
}

/** The id by which the ledger knows what is there: with the version that was seen, since the next one has to be later. */
export function remoteIdOf({ id, generation, modified }: SeenObject): string {
  return `${id} ${generation} ${modified}`;
}

function seenIn(remoteId: string | null): SeenObject | null {
  const [, id, generation, modified] = /^(\S+) (\d+) (\S+)$/.exec(remoteId ?? '') ?? [];
  if (id === undefined || generation === undefined || modified === undefined) return null;
  return { id, generation: Number(generation), modified };
}

/** Of an object of which the ledger has no form. */
const UNKNOWN = { from: '2026-01-01T00:00:00.000Z', until: null } as const;

/** Of an object that is still to come. */
export const NOT_THERE = { modified: UNKNOWN.from } as const;

/**
 * The object that is there, or may be, of the newest generation and in the newest version, with those that may be current beside it; null
 * when nothing is known.
 */
export function currentOf(held: Held | null | undefined, marking: string): UploadForm | null {
  if (held === null || held === undefined) return null;
  const seen = seenIn(held.remoteId);
  const forms = [held.form, ...held.maybes].flatMap((form) => readForm(form) ?? []);
  const like = forms.find(({ id }) => id === seen?.id) ?? bare(marking);
  const all = [...forms, ...(seen === null ? [] : [{ ...like, ...seen }])];
  const generation = Math.max(...all.map((one) => one.generation));
  const [newest, ...others] = all
    .filter((one) => one.generation === generation)
    .toSorted((a, b) => Date.parse(b.modified) - Date.parse(a.modified));
  if (newest === undefined) return null;
  // What was confirmed stands alone.
  if (readForm(held.form)?.generation === generation) return { ...newest, replaces: [] };
  const beside = new Map<string, Version>();
  for (const { replaces, ...one } of [newest, ...others]) {
    for (const each of [one, ...replaces]) if (each.id !== newest.id) beside.set(each.id, beside.get(each.id) ?? each);
  }
  return { ...newest, replaces: [...beside.values()] };
}

/** Of one of which no form is known. */
export function bare(marking: string): Omit<UploadForm, keyof SeenObject> {
  return { ...UNKNOWN, created: UNKNOWN.from, marking, replaces: [] };
}
