import type { Comments } from './comments.ts';
import type { Entry, EntryState, Shelf } from './entry.ts';
import { isForeign, type Tag } from './profile.ts';
import { isPublicTag } from './tags.ts';

/** What is held of a value, as those see it who run the sandbox. */
export interface Holding {
  readonly id: number;
  readonly value: string;
  readonly type: string;
  readonly itype: string;
  readonly confidence: number;
  readonly severity: string;
  readonly tlp: string | null;
  readonly tags: readonly string[];
  /** Those of them that everyone sees. */
  readonly publicTags: readonly string[];
  /** ISO 8601; null for never. */
  readonly expiration: string | null;
  /** `gone`: withdrawn, or reported as a false positive. */
  readonly status: Exclude<EntryState, 'falsepos'>;
  /** When this was taken in, in ISO 8601. */
  readonly heldAt: string;
  readonly owner: 'own' | 'foreign';
  /** Nobody brought it by an import: see `artifacts.ts`. */
  readonly isArtifact: boolean;
  /** 0 for none. */
  readonly feed: number;
  /** `tags` with their TLP. */
  readonly tagged: readonly Tag[];
  /** How many of ours there are on the value, which may be that of several. */
  readonly comments: number;
}

export function holdingOf({ id, value, kind, state, heldAt }: Entry, { profile }: Shelf, comments: Comments): Holding {
  const { itype, confidence, severity, tlp, tags, expiration } = profile;
  return {
    id,
    value,
    type: kind,
    itype,
    confidence,
    severity,
    tlp,
    tags: tags.map(({ name }) => name),
    publicTags: tags.filter(isPublicTag).map(({ name }) => name),
    expiration,
    status: state === 'falsepos' ? 'gone' : state,
    heldAt: new Date(heldAt).toISOString(),
    owner: isForeign(profile) ? 'foreign' : 'own',
    isArtifact: profile.origin !== undefined,
    feed: profile.origin?.feed ?? 0,
    tagged: tags,
    comments: comments.of(value).filter((comment) => !comment.isForeign).length,
  };
}
