import { z } from 'zod';
import { givenTag, putArtifacts, readArtifacts } from './artifacts.ts';
import type { Comments } from './comments.ts';
import type { Holding } from './holding.ts';
import type { Holdings } from './holdings.ts';
import { madeUpArtifacts } from './made-up-artifacts.ts';
import type { Review } from './review.ts';
import { type SavedSearches, savedSearch } from './saved-searches.ts';
import { tagged } from './tags.ts';
import { investigation, type ThreatModels, threatModel } from './threat-models.ts';

interface Parts {
  readonly holdings: Holdings;
  readonly comments: Comments;
  readonly searches: SavedSearches;
  readonly models: ThreatModels;
  readonly review: Review;
  readonly shown: () => readonly Holding[];
  readonly now: () => Date;
}

const reviewRequest = z.strictObject({
  /** Default: all that are ready. */
  session: z
    .union([z.string(), z.int()])
    .transform((id) => String(id))
    .optional(),
  decision: z.enum(['approve', 'reject', 'exclude']),
  values: z.array(z.string()).optional(),
});

const madeUpRequest = z.strictObject({ count: z.int().min(0), seed: z.int().default(1) });
const artifactsRequest = z.strictObject({ artifacts: z.unknown() });

const id = z.int().min(1);
const deleteRequest = z.strictObject({ ids: z.array(id) });

const retagRequest = z.strictObject({
  id,
  add: z.array(givenTag).default([]),
  remove: z.array(z.string()).default([]),
});

/**
 * What happens in ThreatStream without the product, by name: an analyst reviews import sessions, others bring observables, somebody deletes some
 * or changes the tags of one by hand, saves a search, or puts some into a threat model or an investigation. And what is held is shown.
 */
export function createControls({ holdings, comments, searches, models, review, shown, now }: Parts) {
  return {
    review: (body: unknown) => ({ sessions: review.decide(reviewRequest.parse(body)) }),
    holdings: shown,
    artifacts(body: unknown) {
      const isMadeUp = madeUpRequest.partial().safeParse(body).success;
      const artifacts = isMadeUp
        ? madeUpArtifacts(madeUpRequest.parse(body))
        : readArtifacts(artifactsRequest.parse(body).artifacts, holdings);
      return { artifacts: putArtifacts(artifacts, { holdings, comments, now }) };
    },
    /** Unknown ids are left out of the count. */
    delete(body: unknown) {
      const found = deleteRequest.parse(body).ids.map((one) => holdings.byId(one));
      const there = [...new Set(found.filter((entry) => entry !== undefined))];
      for (const entry of there) holdings.forget(entry);
      return { deleted: there.length };
    },
    /** Of whoever's; it is an update of the observable, as any other. */
    retag(body: unknown) {
      const asked = retagRequest.parse(body);
      const entry = holdings.byId(asked.id);
      const profile = entry?.shelf?.profile;
      if (entry === undefined || profile === undefined) return { retagged: 0 };
      const names = new Set(asked.remove);
      const left = { ...profile, tags: profile.tags.filter(({ name }) => !names.has(name)) };
      holdings.retag(entry, tagged(left, asked.add));
      return { retagged: 1 };
    },
    searches(body: unknown) {
      searches.define(savedSearch.parse(body));
      return {};
    },
    'threat-models': (body: unknown) => {
      models.define(threatModel.parse(body));
      return {};
    },
    investigations(body: unknown) {
      models.investigate(investigation.parse(body));
      return {};
    },
  };
}
