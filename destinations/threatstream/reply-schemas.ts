import { type ZodType, z } from 'zod';

/**
 * What is read of ThreatStream's replies, each field alone: one that is absent, null or of another form than any recorded reply has is
 * null, and spoils nothing else.
 */
function lenient<T>(schema: ZodType<T>) {
  return schema
    .nullish()
    .catch(null)
    .transform((value) => value ?? null);
}

/** Ids come as numbers and as text, by version and even within one reply: `"organization": {"id": "11"}` beside `"id": 111111`. */
const strictId = z.union([z.string().trim().min(1), z.number()]).transform(String);
const id = lenient(strictId);
const text = lenient(z.string());
const count = lenient(
  z.union([
    z.int().min(0),
    z
      .string()
      .trim()
      .regex(/^\d{1,9}$/)
      .transform(Number),
  ]),
);
const list = lenient(z.array(z.unknown()));
const tag = z.union([z.string(), z.object({ name: z.string() }).transform(({ name }) => name)]);
const tags = list.transform((all) => (all ?? []).flatMap((one) => tag.safeParse(one).data ?? []));
/** Seen by our organisation only. (Source: ThreatStream's API reference, "tags".) A plain name does not say who sees it. */
const privateTag = z.union([
  z.string(),
  z.object({ name: z.string(), tlp: z.string().regex(/^red$/i) }).transform(({ name }) => name),
]);
const privateTags = list.transform((all) => (all ?? []).flatMap((one) => privateTag.safeParse(one).data ?? []));
const organization = lenient(z.object({ id })).transform((value) => value?.id ?? null);

/** The answer to an import with approval. */
export const importReply = z.object({ success: lenient(z.boolean()), import_session_id: id });

/** An import session. */
export const importSession = z
  .object({
    id,
    status: text,
    numIndicators: count,
    numRejected: count,
    fileName: text,
    messages: z.unknown().optional(),
    date_modified: text,
    tags,
    organization,
  })
  .transform(({ numIndicators, numRejected, date_modified, organization: organizationId, status, ...rest }) => ({
    ...rest,
    /** Empty where none could be read. */
    status: status?.trim().toLowerCase() ?? '',
    /** What survived de-duplication and review's filters. */
    imported: numIndicators,
    refused: numRejected,
    modified: date_modified,
    organizationId,
  }));
export type ImportSession = Readonly<z.infer<typeof importSession>>;

const number = lenient(
  z.union([
    z.number(),
    z
      .string()
      .trim()
      .regex(/^-?\d{1,3}(?:\.\d+)?$/)
      .transform(Number),
  ]),
);

/** An observable. One without an id or a value is of no use, and counts as unreadable. */
export const intelligence = z
  .object({
    id: strictId,
    value: z.string(),
    type: text,
    itype: text,
    status: text,
    confidence: number,
    tlp: z.unknown().optional(),
    expiration_ts: text,
    tags: z.unknown().optional(),
    meta: lenient(z.object({ severity: text })),
    owner_organization_id: id,
    is_editable: lenient(z.boolean()),
    update_id: id,
    modified_ts: id,
    import_session_id: id,
  })
  .transform(
    ({
      owner_organization_id,
      is_editable,
      import_session_id,
      update_id,
      modified_ts,
      expiration_ts,
      meta,
      tags: shownTags,
      tlp: shownTlp,
      ...rest
    }) => ({
      ...rest,
      tlp: text.parse(shownTlp),
      showsTlp: shownTlp !== undefined,
      tags: tags.parse(shownTags),
      /** Those of them that nobody else sees, as far as is shown. */
      privateTags: privateTags.parse(shownTags),
      /** None at all are null. (Recorded so.) */
      showsTags: shownTags !== undefined,
      severity: meta?.severity ?? null,
      expiration: expiration_ts,
      updateId: update_id,
      /** Another one after each change; the same for all where none is shown. */
      version: `${update_id ?? ''} ${modified_ts ?? ''}`,
      ownerOrganizationId: owner_organization_id,
      isEditable: is_editable,
      sessionId: import_session_id,
    }),
  );
export type Intelligence = Readonly<z.infer<typeof intelligence>>;

/**
 * An observable of an import session: one that it has included has an id, one that was left out has the id of its rejection, in the list
 * of what was included, or its id in the list of what was not.
 */
export const sessionEntry = z
  .object({ id, rejected_id: id, value: z.string(), message: text })
  .transform(({ rejected_id, ...rest }) => ({ ...rest, rejectedId: rejected_id }));
export type SessionEntry = Readonly<z.infer<typeof sessionEntry>>;

/** A user, as far as we read it: the organisation that it belongs to. */
const user = z.object({ organization }).transform(({ organization: organizationId }) => organizationId);

/** A page of a list. `next` is undefined where the page does not say whether another follows. */
function pageOf<T>(object: ZodType<T>) {
  return z
    .object({
      meta: lenient(z.object({ next: z.string().nullable().optional().catch(undefined) })),
      objects: z.array(z.unknown()),
    })
    .transform(({ meta, objects }) => {
      const read = objects.flatMap((one) => object.safeParse(one).data ?? []);
      return { next: meta?.next, objects: read, size: objects.length, unreadable: objects.length - read.length };
    });
}
export interface Page<T> {
  readonly next: string | null | undefined;
  readonly objects: readonly T[];
  /** Of all objects that the page has. */
  readonly size: number;
  readonly unreadable: number;
}
export const sessionPage = pageOf(importSession);
export const intelligencePage = pageOf(intelligence);
export const sessionEntryPage = pageOf(sessionEntry);
/** What an investigation is about. (Source: Splunk SOAR `threatstream`; XSOAR `AnomaliThreatStreamv3`.) */
export const investigation = z
  .object({ elements: list })
  .transform(({ elements }) => (elements ?? []).flatMap((one) => element.safeParse(one).data ?? []));
const element = z
  .object({ r_type: z.string(), r_id: strictId })
  .transform(({ r_type, r_id }) => ({ type: r_type, id: r_id }));
/** Texts of comments on a value. (Source: Polarity's ThreatStream integration.) */
export const commentList = z
  .object({ comments: z.array(z.unknown()) })
  .transform(({ comments }) => comments.flatMap((one) => comment.safeParse(one).data ?? []));
const comment = z.object({ comment: z.string() }).transform(({ comment: said }) => said);
/** Organisations of users; those that name none are left out. */
export const userPage = pageOf(user);
