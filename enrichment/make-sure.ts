import type { ArtifactRef, ArtifactStore, Unchanged } from '../destinations/artifacts.ts';

/** What is said not to be there, and is shown all the same, may not be changed: some say of what is another's that there is no such thing. */
export async function makeSure(
  store: Pick<ArtifactStore, 'look'>,
  artifacts: readonly ArtifactRef[],
  unchanged: readonly Unchanged[],
  signal: AbortSignal,
): Promise<readonly Unchanged[]> {
  const gone = new Set(unchanged.filter(({ kind }) => kind === 'gone').map(({ remoteId }) => remoteId));
  if (gone.size === 0) return unchanged;
  const shown = await store.look(
    artifacts.filter(({ remoteId }) => gone.has(remoteId)),
    signal,
  );
  return unchanged.map((one) => (shown.has(one.remoteId) ? refused(one) : one));
}

export function refused({ remoteId, reason }: Unchanged): Unchanged {
  return { remoteId, kind: 'refused', reason };
}
