import type { Artifact, ArtifactPage, ArtifactRef, ArtifactStore, Unchanged } from '../../destinations/artifacts.ts';
import { markNames } from '../../destinations/threatstream/artifact-form.ts';
import type { Remark } from '../../indicators/artifact.ts';
import { Fault } from '../../indicators/fault.ts';

/** A store that does as it is told, and how often it was asked. */
export interface Script {
  held: Map<string, Artifact>;
  pages: readonly ArtifactPage[] | null;
  /** Ids that may not be marked, however they are asked for; those that are said not to be there. */
  refused: Set<string>;
  missing: Set<string>;
  /** Marks that are taken do not show. */
  hides: boolean;
  before: (what: string, refs: readonly ArtifactRef[]) => Promise<void>;
  readonly asked: { readonly what: string; readonly ids: readonly string[] }[];
}

export function artifact(id: number, more: Partial<Artifact> = {}): Artifact {
  return {
    remoteId: String(id),
    value: `h${id}.example`,
    type: 'domain',
    isOurs: false,
    marks: [],
    score: null,
    ...more,
  };
}

export function scriptedStore(held: readonly Artifact[], own: Partial<ArtifactStore> = {}) {
  const script: Script = {
    held: new Map(held.map((one) => [one.remoteId, one])),
    pages: null,
    refused: new Set(),
    missing: new Set(),
    hides: false,
    before: async () => undefined,
    asked: [],
  };
  const ask = async (what: string, refs: readonly ArtifactRef[]): Promise<void> => {
    script.asked.push({ what, ids: refs.map(({ remoteId }) => remoteId) });
    await script.before(what, refs);
  };
  const unchangedOf = ({ remoteId }: ArtifactRef): readonly Unchanged[] => {
    if (script.refused.has(remoteId))
      return [{ remoteId, kind: 'refused', reason: 'It answered 403 when it was to be tagged' }];
    const isGone = script.missing.has(remoteId) || !script.held.has(remoteId);
    return isGone ? [{ remoteId, kind: 'gone', reason: 'It answered 404 when it was to be tagged' }] : [];
  };
  const mark = (ref: ArtifactRef, { add, remove }: Remark): void => {
    const one = script.held.get(ref.remoteId);
    if (one === undefined || script.hides) return;
    const marks = [...one.marks.filter((name) => !remove.includes(name)), ...add];
    script.held.set(one.remoteId, { ...one, marks: [...new Set(marks)] });
  };
  const store: ArtifactStore = {
    describe: 'a scripted store',
    names: markNames('mdti'),
    patience: { withinMs: 60_000, pollMs: 1_000 },
    markLoad: 250,
    async *pages(after) {
      await ask('pages', []);
      if (script.pages !== null) {
        yield* script.pages;
        return;
      }
      yield { artifacts: [...script.held.values()], delivered: [], unreadable: 0, position: after ?? '1' };
    },
    async holding(values) {
      await ask('holding', []);
      return [...script.held.values()].filter(({ value }) => values.includes(value));
    },
    async look(refs) {
      await ask('look', refs);
      return new Map(
        refs.flatMap(({ remoteId }) => {
          const one = script.held.get(remoteId);
          return one === undefined ? [] : [[remoteId, one] as const];
        }),
      );
    },
    async mark(refs, change) {
      await ask('mark', refs);
      const unchanged = refs.flatMap(unchangedOf);
      if (unchanged.length > 0 && refs.length > 1) throw new Fault('Rejected', 'It answered 403.');
      if (unchanged.length > 0) return unchanged;
      for (const ref of refs) mark(ref, change);
      return [];
    },
    ...own,
  };
  const times = (what: string): number => script.asked.filter((one) => one.what === what).length;
  return { store, script, times };
}
