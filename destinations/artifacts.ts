import type { ArtifactType, Remark } from '../indicators/artifact.ts';
import type { MarkNames } from '../indicators/judge-artifact.ts';

/** An observable that a TIP holds, whoever brought it there, as far as enriching it goes. */
export interface Artifact {
  /** The id that the TIP tells it by. */
  readonly remoteId: string;
  /** As the TIP shows it. */
  readonly value: string;
  readonly type: ArtifactType;
  /** Our own organisation's, and it may be edited. What is not gets a private mark at most. */
  readonly isOurs: boolean;
  /** Names of the marks (tags, labels) that it shows and that nobody but our organisation sees; what else it has is nobody's business here. */
  readonly marks: readonly string[];
  /** Its confidence or score, 0 to 100; null where it shows none. */
  readonly score: number | null;
}

export interface ArtifactPage {
  readonly artifacts: readonly Artifact[];
  /** Ids of observables that are left out because this product has brought them. */
  readonly delivered: readonly string[];
  /** Observables that are shown in a form that could not be read. */
  readonly unreadable: number;
  /** What `pages` goes on from behind this page, now or in another process; null where only all can be read again. */
  readonly position: string | null;
}

/** One that was not changed. `gone`: it is said not to be there, which `look` tells for sure. `refused`: it may not be changed, or is declined. */
export interface Unchanged {
  readonly remoteId: string;
  readonly kind: 'gone' | 'refused';
  /** A sentence without the value, as the end of `… was not marked: `. */
  readonly reason: string;
}

/** What tells an artifact. */
export type ArtifactRef = Pick<Artifact, 'remoteId' | 'value' | 'isOurs'>;

/**
 * The artifacts of a TIP that a selection names, and what is written back to them. Everything that does I/O takes a signal, throws only
 * `Fault`s, and may be called again with the same arguments.
 */
export interface ArtifactStore {
  /** Shown to operators: the kind, and the host it talks to. */
  readonly describe: string;
  /** How its marks are called. */
  readonly names: MarkNames;
  /** How long what was written may take to show, and how soon to ask, in milliseconds. */
  readonly patience: { readonly withinMs: number; readonly pollMs: number };
  /** Artifacts of one request that changes marks, at most. */
  readonly markLoad: number;
  /**
   * What is selected and has changed since a position, of null all there is: page by page to the last, each artifact at least once; what changes
   * meanwhile comes again. `Refused`, with the setting's name, for a selection that the TIP declines.
   */
  pages(after: string | null, signal: AbortSignal): AsyncIterable<ArtifactPage>;
  /** Those with one of these values, whatever is selected. */
  holding(values: readonly string[], signal: AbortSignal): Promise<readonly Artifact[]>;
  /** As they are now, by `remoteId`; what is absent from the answer is there no more. */
  look(artifacts: readonly ArtifactRef[], signal: AbortSignal): Promise<ReadonlyMap<string, Artifact>>;
  /**
   * Changes the marks of several alike, `markLoad` of them at most; marks that are added are private to our organisation. Asked for twice, it changes nothing
   * more. Returns those of which it was told that they were not changed. `Rejected` when several were declined together: one of them may be to
   * blame, which whoever asks finds out by asking for fewer. One alone is never `Rejected`, but returned.
   */
  mark(artifacts: readonly ArtifactRef[], change: Remark, signal: AbortSignal): Promise<readonly Unchanged[]>;
  /** Notes on an artifact that our organisation sees; none can be taken back. Absent: it has none. */
  readonly comments?: ArtifactComments;
  /** Sets the score of one that is ours. Null when it was done. Absent: it has none. */
  rescore?(artifact: ArtifactRef, score: number, signal: AbortSignal): Promise<Unchanged | null>;
}

export interface ArtifactComments {
  /** What comments on it share, short: of its value, where they are by value. One comment is written for all that have the same. */
  key(artifact: ArtifactRef): string;
  /** The texts that are there, of whomever. `Rejected` when just this question is declined. */
  read(artifact: ArtifactRef, signal: AbortSignal): Promise<readonly string[]>;
  /** `leaving` is called when its turn has come, and has ended before the first byte leaves. Null when it was taken. */
  add(
    artifact: ArtifactRef,
    text: string,
    signal: AbortSignal,
    leaving: () => Promise<void>,
  ): Promise<Unchanged | null>;
  /** How long after a try ended without an answer it may still come in, in milliseconds. */
  readonly graceMs: number;
}
