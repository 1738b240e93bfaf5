import { z } from 'zod';

const uuids = z.array(z.string().min(1)).default([]);
const values = z.array(z.string().min(1)).default([]);
const allowed = z.boolean().default(true);

/**
 * What goes wrong in the MISP stand-in, off by default, and what its sources leave open, each with both its ways. (Sources: MISP 2.5.1,
 * github.com/MISP/MISP, of which the file is named; issues of it and of PyMISP.)
 */
export const mispFaults = z.strictObject({
  /** What `servers/getVersion` says. */
  version: z.string().default('2.5.34'),
  /** Every one of them answers 403, with its message; `read-only`: what writes. (AppController, ACLComponent.) */
  key: z.enum(['good', 'read-only', 'expired', 'disabled', 'wrong-address']).default('good'),
  /** What the role of the key allows. (ACLComponent, db_schema.json.) */
  role: z
    .strictObject({
      /** `perm_add`: what writes at all. */
      adds: allowed,
      /** `perm_modify_org`: without it the user's own events can be changed, and yet nothing in them restored. (MispAttribute::restore.) */
      modifiesOrganisation: allowed,
      /** `perm_tagger`: tags of an edit are left out in silence; tagging requests are declined with 403. */
      tags: allowed,
      /** `perm_tag_editor`: a tag that is new is left out in silence; making one is declined with 403. */
      makesTags: allowed,
      /** `perm_publish`. */
      publishes: allowed,
    })
    .prefault({}),
  /** Events with these uuids are another organisation's. (EventsController::edit, ACLComponent::canModifyEvent.) */
  foreignEvents: uuids,
  /** Whether the key sees them; if not, they are not found, and yet their uuids are taken. (Event::_add, fetchSimpleEvent.) */
  foreignEventsSeen: z.boolean().default(true),
  /** Uuids of attributes in events that the key does not see. (MispAttribute::$validate, editAttribute.) */
  takenUuids: uuids,
  /** Tags that only another organisation may set: left out in silence. (Tag::captureTag.) */
  foreignTags: z.array(z.string().min(1)).default([]),
  /** Tags that are not to leave the instance: who does not ask for all tags is not shown them. (MispAttribute::attachTagsToAttributes.) */
  unexportedTags: z.array(z.string().min(1)).default([]),
  /** Whether the organisation of the key is the instance's own: only its users set local tags on what is not theirs. (ACLComponent::canModifyTag.) */
  hostOrganisation: z.boolean().default(true),
  /** Uuids of attributes whose tags the instance fails to change. (TagsController::attachTagToObject: "Failed to attach tag to object.") */
  untaggable: uuids,
  /** Whether a search keeps the order of several fields; what it does not know of an order it leaves out of account. (AppModel::findOrder.) */
  ordersSearches: z.boolean().default(true),
  /** A taxonomy is on of whose tags, `tlp:…`, only one may be there: `addTag` declines a second. (AttributesController::addTag.) */
  exclusiveTlp: z.boolean().default(false),
  /** Lists of values, by name. They count where a request asks for it. (Warninglist, MispAttribute::captureAttribute.) */
  warninglists: z.record(z.string(), z.array(z.string())).default({}),
  /** Values that an import filter of the instance refuses. (MispAttribute::beforeValidateMassage.) */
  filtered: values,
  /** Values whose requests fail with 500, and change nothing. */
  broken: values,
  /**
   * A request with more attributes is answered 503 by the server in front. Whether it was taken in nothing says: `lost`, or `taken`.
   * (PyMISP#267: 4,000 at once; MISP#3700.)
   */
  mostAttributes: z.int().min(1).nullable().default(null),
  tooManyAre: z.enum(['lost', 'taken']).default('lost'),
  /** Whatever is asked of an event with more attributes fails with 500: a process runs out of memory or time. (MISP#2361, #4424.) */
  mostInEvent: z.int().min(1).nullable().default(null),
  /** The role's limit of searches in 15 minutes: 429 without a `Retry-After`; 0: 405. Nothing else is limited. (RateLimitComponent.) */
  searches: z.int().min(0).nullable().default(null),
  /** Whether deleting blanks an attribute: `Security.sanitise_attribute_on_delete`. (MispAttribute::deleteAttribute.) */
  sanitisesDeleted: z.boolean().default(false),
  /**
   * Whether a role without `perm_sync` finds what is deleted, when it asks for it: in 2.5.1, and not in later releases.
   * (MispAttribute::fetchAttributes, also at 0028da1.)
   */
  deletedIsFound: z.boolean().default(true),
  /** Whether `deleted: 0` in an edit of the event restores. (UNCONFIRMED by a document; the source has `deleted` among its editable fields.) */
  restoresByEdit: z.boolean().default(true),
  /** Whether `attributes/restore` knows uuids; 2.5.1 looks for numbers, PyMISP sends uuids. (AttributesController::restore.) */
  restoresByUuid: z.boolean().default(false),
  /** Whether the uuid of an event that was deleted can never come again: `MISP.enableEventBlocklisting`. (Event::beforeDelete, _add.) */
  blocklistsDeletedEvents: z.boolean().default(true),
  /** `stuck`: a publication is queued and nothing comes of it; `none`: there are no background workers. (EventsController::publish.) */
  workers: z.enum(['running', 'stuck', 'none']).default('running'),
  /** Of events that do not say theirs: `MISP.default_event_distribution`. (EventsController::add.) */
  defaultDistribution: z.enum(['0', '1', '2', '3']).default('1'),
});
export type MispFaults = z.infer<typeof mispFaults>;
