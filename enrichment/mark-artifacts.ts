import { halves } from '../delivery/halves.ts';
import { progressed } from '../delivery/progress.ts';
import type { ArtifactStore, Unchanged } from '../destinations/artifacts.ts';
import type { Remark } from '../indicators/artifact.ts';
import { Fault } from '../indicators/fault.ts';
import { type ArtifactToWrite, noteWritten } from '../ledger/artifact-writing.ts';
import { forgetArtifacts, setArtifactsAside } from '../ledger/artifacts.ts';
import { makeSure, refused } from './make-sure.ts';
import type { EnrichedPipeline, EnrichParts } from './parts.ts';

/** Changes the marks of artifacts, those that change alike together; each request is in the ledger before the next one leaves. */
export async function markArtifacts(
  parts: EnrichParts,
  pipeline: EnrichedPipeline,
  items: readonly ArtifactToWrite[],
  signal: AbortSignal,
): Promise<void> {
  for (const { remark, alike } of alikeIn(items, pipeline.store.markLoad)) {
    const unchanged = await markAll(pipeline.store, alike, remark, signal);
    const failed = new Set(unchanged.map(({ remoteId }) => remoteId));
    const done = alike.filter(({ remoteId }) => !failed.has(remoteId));
    await noteWritten(parts.ledger, pipeline.name, done, 'remark', { now: parts.now() });
    await noteUnchanged(parts, pipeline, alike, unchanged);
    progressed({ marked: done.length });
  }
}

interface Alike {
  readonly remark: Remark;
  readonly alike: readonly ArtifactToWrite[];
}

function alikeIn(items: readonly ArtifactToWrite[], most: number): readonly Alike[] {
  const groups = new Map<string, { readonly item: ArtifactToWrite; readonly remark: Remark }[]>();
  for (const item of items) {
    const { remark } = item.work;
    if (remark === undefined) continue;
    const key = JSON.stringify([remark, item.isOurs]);
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    group.push({ item, remark });
  }
  return [...groups.values()].flatMap((group) => {
    const loads: Alike[] = [];
    for (let at = 0; at < group.length; at += most) {
      const some = group.slice(at, at + most);
      const [first] = some;
      if (first !== undefined) loads.push({ remark: first.remark, alike: some.map(({ item }) => item) });
    }
    return loads;
  });
}

/** So many, each declined alone and none taken between: it may not be them. */
const PROOF = 3;

const GONE = 'It is not shown any more';

/**
 * One that is declined keeps no other from being marked, and those that are there no more are found by one question. Where all of our own are declined, it is the user who may not, which is `Refused`;
 * where all of others' are, they are told at the price of a few requests.
 */
async function markAll(
  store: ArtifactStore,
  alike: readonly ArtifactToWrite[],
  remark: Remark,
  signal: AbortSignal,
): Promise<readonly Unchanged[]> {
  const unchanged: Unchanged[] = [];
  let taken = 0;
  let areShown = false;
  const mark = async (some: readonly ArtifactToWrite[]): Promise<void> => {
    const proof = unchanged.filter(({ kind }) => kind === 'refused');
    const [first] = proof;
    if (taken === 0 && proof.length >= PROOF && first !== undefined) {
      if (some.some(({ isOurs }) => isOurs))
        throw new Fault(
          'Refused',
          `${first.reason}, and whichever else was tried: the user of the destination may lack the permission to mark them.`,
        );
      for (const { remoteId } of some) unchanged.push({ remoteId, kind: 'refused', reason: first.reason });
      return;
    }
    try {
      const failed = await store.mark(some, remark, signal);
      unchanged.push(...(areShown ? failed.map(refused) : await makeSure(store, some, failed, signal)));
      taken += some.length - failed.length;
    } catch (error) {
      if (!(error instanceof Fault) || error.kind !== 'Rejected' || some.length === 1) throw error;
      const there = areShown ? some : await shownOf(some);
      const parts = there.length === some.length ? halves(some) : [there];
      for (const part of parts) if (part.length > 0) await mark(part);
    }
  };
  const shownOf = async (some: readonly ArtifactToWrite[]): Promise<readonly ArtifactToWrite[]> => {
    const shown = await store.look(some, signal);
    areShown = true;
    for (const { remoteId } of some) {
      if (!shown.has(remoteId)) unchanged.push({ remoteId, kind: 'gone', reason: GONE });
    }
    return some.filter(({ remoteId }) => shown.has(remoteId));
  };
  await mark(alike);
  return unchanged;
}

/** What is there no more is forgotten; what may not be changed is taken up again with the next pass. */
export async function noteUnchanged(
  { ledger, now }: EnrichParts,
  { name, everyPassMs }: EnrichedPipeline,
  items: readonly ArtifactToWrite[],
  unchanged: readonly Unchanged[],
): Promise<void> {
  const idOf = new Map(items.map(({ remoteId, id }) => [remoteId, id]));
  const of = (which: Unchanged['kind']) =>
    unchanged.flatMap(({ remoteId, kind, reason }) => {
      const id = idOf.get(remoteId);
      return kind !== which || id === undefined ? [] : [{ id, reason }];
    });
  const dueAt = new Date(now().getTime() + everyPassMs);
  const gone = of('gone').map(({ id }) => id);
  const aside = of('refused').map(({ id, reason }) => ({ id, reason: `${reason}.`, dueAt }));
  await forgetArtifacts(ledger, name, gone);
  await setArtifactsAside(ledger, name, aside);
}
