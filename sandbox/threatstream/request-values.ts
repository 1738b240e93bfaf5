import { z } from 'zod';
import type { Tag } from './profile.ts';

/** A request that is declined as a whole; the message is what the API answers. */
export class Declined extends Error {
  override readonly name = 'Declined';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const DEFAULT_DAYS = 90;
const SEVERITIES = ['low', 'medium', 'high', 'very-high'];
const TLPS = ['red', 'amber', 'amber+strict', 'green', 'clear'];
/** Tags and comments are `white` where they are public. (Source: facts/tips.md 0.4, 2.3.) */
const TAG_TLPS = [...TLPS, 'white'];
const tagObject = z.object({ name: z.string().min(1), tlp: z.enum(TAG_TLPS).optional() });
const tagList = z.array(tagObject);
const ownTagList = z.array(z.union([z.string().min(1), tagObject]));

/** `classification`: true for public. It must be given in imports; bulk writes without one are public. */
export function isPublic(text: string | undefined, absent: boolean | null): boolean {
  if (text === 'public' || text === 'private') return text === 'public';
  if (text === undefined && absent !== null) return absent;
  throw new Declined(400, 'classification must be private or public.');
}

/** Null when none is given: it follows the itype then. */
export function severityOf(text: string | undefined): string | null {
  if (text === undefined) return null;
  if (!SEVERITIES.includes(text)) throw new Declined(400, `severity must be one of ${SEVERITIES.join(', ')}.`);
  return text;
}

export function tlpOf(text: string | undefined): string | null {
  if (text === undefined) return null;
  if (!TLPS.includes(text)) throw new Declined(400, `tlp must be one of ${TLPS.join(', ')}.`);
  return text;
}

/** A whole number from 0 to 100. */
export function percent(name: string, value: string | number | undefined, absent: number): number {
  if (value === undefined) return absent;
  const number = Number(value);
  if (value === '' || !Number.isInteger(number) || number < 0 || number > 100) {
    throw new Declined(400, `${name} must be a whole number from 0 to 100.`);
  }
  return number;
}

/** ISO 8601, UTC unless it says an offset; the text `null` for never; 90 days from now when absent. */
export function expirationOf(text: string | null | undefined, now: Date): string | null {
  if (text === 'null' || text === null) return null;
  if (text === undefined) return new Date(now.getTime() + DEFAULT_DAYS * 86_400_000).toISOString();
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) ? instantOf(text) : null;
  if (time === null) throw new Declined(400, 'expiration_ts must be an ISO 8601 time or null.');
  // So one client writes never, and so observables show it. (Source: facts/tips.md 1.3.)
  return new Date(time).getUTCFullYear() === 9_999 ? null : new Date(time).toISOString();
}

/** `[{name, tlp?}]`. */
export function tagsOf(value: unknown): readonly Tag[] {
  const parsed = tagList.safeParse(value);
  if (!parsed.success) throw new Declined(400, 'tags must be a list of objects with name and tlp.');
  return parsed.data.map(({ name, tlp }) => ({ name, tlp: tlp ?? null }));
}

/** The tags of an object of a write without approval: plain texts, which have no TLP, or as `tagsOf` has them. Null for anything else. */
export function ownTagsOf(value: unknown): readonly Tag[] | null {
  const parsed = ownTagList.safeParse(value);
  if (!parsed.success) return null;
  return parsed.data.map((one) =>
    typeof one === 'string' ? { name: one, tlp: null } : { name: one.name, tlp: one.tlp ?? null },
  );
}

/** Whether it is a TLP that an observable may have. */
export function isTlp(text: string): boolean {
  return TLPS.includes(text);
}

/** A whole number in a query. */
export function whole(query: URLSearchParams, name: string, absent: number): number {
  const text = query.get(name);
  if (text === null) return absent;
  if (!/^\d{1,15}$/.test(text)) throw new Declined(400, `${name} must be a whole number.`);
  return Number(text);
}

/** ISO 8601, UTC unless it says an offset, in milliseconds since 1970; null when it is no time. */
export function instantOf(text: string): number | null {
  const time = Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/i.test(text) ? text : `${text}Z`);
  return Number.isNaN(time) ? null : time;
}

export function jsonOf(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Declined(400, `${what} is not valid JSON.`);
  }
}
