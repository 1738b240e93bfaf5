import type { ColumnType, Generated } from 'kysely';
import type { ArtifactWork, WithoutHost } from '../indicators/artifact.ts';

/** Written as JSON text, read as a value. */
type Json<T> = ColumnType<T, string, string>;
type Time = ColumnType<Date, Date | string, Date | string>;

/**
 * `due`: to be judged. `to-write`, `written`: what was made of it is not there yet, or does not show yet. `right`: it shows what it is
 * to show. `hash`, `no-host`, `excluded`: nothing is looked up for it.
 */
export type ArtifactStanding = 'due' | 'to-write' | 'written' | 'right' | 'hash' | 'no-host' | 'excluded' | 'set-aside';

/** What pipelines that enrich remember. */
export interface EnrichmentTables {
  /** How far a pipeline has enriched its TIP. */
  enrichments: {
    pipeline: string;
    /** Says where is read, what is selected there, and what is made of it: with another one, all is read and judged anew. */
    selection: string;
    /** The pass over all that is selected that is under way, or was last. */
    pass: number;
    pass_began: Time;
    pass_ended: Time | null;
    /** What is read on from, in the TIP's words; null for the beginning. */
    position: string | null;
    /** When all was read that had changed until then. */
    read_at: Time | null;
  };
  /** What a TIP holds and a pipeline enriches: one for each pipeline and id that the TIP gave. */
  artifacts: {
    id: Generated<number>;
    pipeline: string;
    remote_id: string;
    type: string;
    value: string;
    /** Whose reputation it is; null where there is none that could be looked up. */
    host: string | null;
    /** Why there is none. */
    without: WithoutHost | null;
    is_ours: boolean;
    /** Those that it shows of ours. */
    marks: Json<readonly string[]>;
    /** The confidence that it shows. */
    score: number | null;
    /** The last pass that has met it. */
    pass: number;
    standing: ArtifactStanding;
    /** Why it is excluded, or set aside, as a word or a sentence without the value. */
    reason: string | null;
    /** Of one that is set aside: the first run from then on takes it up. */
    due_at: Time | null;
    /** With which others it is judged, or written. */
    part: number | null;
    /** What was made of the reputation that was known when it was judged. */
    verdict: string | null;
    judged_at: Time | null;
    /** The marks of ours that it is to show. */
    wanted: Json<readonly string[]> | null;
    /** What of it has yet to be written. */
    work: Json<ArtifactWork> | null;
    /** Those that have the same may share a request. */
    work_key: string | null;
    written_at: Time | null;
    /** How often it was written, and did not show it. */
    tries: Generated<number>;
    /** The confidence that we have set, or were about to, and what it was before. */
    scored: number | null;
    score_before: number | null;
  };
  /** The comment that a pipeline has written last of what has this key, or is writing. */
  artifact_comments: {
    pipeline: string;
    key: string;
    verdict: string;
    text: string;
    /** The artifact on whose behalf it is written. */
    written_by: number;
    state: 'planned' | 'sent' | 'written';
    sent_at: Time | null;
    /** When the last try ended without an answer. */
    ended_at: Time | null;
  };
  /** What a pipeline has ever done: runs tell the difference. */
  enrichment_counts: {
    pipeline: string;
    what: string;
    count: number;
  };
  /** Hosts that a query named and that were looked for in the TIP. */
  searched_hosts: {
    pipeline: string;
    host: string;
    searched_at: Time;
  };
}
