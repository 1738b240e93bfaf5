import { createHash } from 'node:crypto';
import { progressed } from '../delivery/progress.ts';
import type { Artifact, ArtifactPage } from '../destinations/artifacts.ts';
import { putArtifacts } from '../ledger/artifacts.ts';
import {
  endReading,
  forgetSearched,
  noteSearched,
  type ReadingPlace,
  readingPlace,
  unsearchedHosts,
} from '../ledger/enrichments.ts';
import { meetArtifact, shownArtifact } from './meet-artifact.ts';
import { namedHost } from './named-host.ts';
import type { EnrichedPipeline, EnrichParts } from './parts.ts';

export interface ArtifactsRead {
  /** All was read that had changed until now. */
  readonly isEnd: boolean;
  /** It reads all that is selected, and not only what has changed. */
  readonly isFullPass: boolean;
}

/** Reads on where reading ended, `most` pages or to the end: page by page into the ledger, so that whoever comes next goes on from there. */
export async function readArtifacts(
  parts: EnrichParts,
  pipeline: EnrichedPipeline,
  most: number,
  signal: AbortSignal,
): Promise<ArtifactsRead> {
  const { ledger, now } = parts;
  const { name, selection, everyPassMs, namedHosts } = pipeline;
  const place = await readingPlace(ledger, name, { selection, everyPassMs, now: now() });
  const isFullPass = !place.isThrough;
  let pages = 0;
  let read = 0;
  const source =
    namedHosts === null
      ? pipeline.store.pages(place.position, signal)
      : named(parts, pipeline, { place, namedHosts }, signal);
  for await (const page of source) {
    await takeIn(parts, pipeline, place, page);
    pages += 1;
    read += page.artifacts.length;
    progressed({ read });
    // What cannot be gone on from is read on: to its end, or past all that has one position.
    if (pages >= most && page.position !== null && page.position !== place.position) {
      return { isEnd: false, isFullPass };
    }
  }
  await endReading(ledger, name, place.pass, { forgets: namedHosts === null, now: now() });
  return { isEnd: true, isFullPass };
}

async function takeIn(
  { ledger, now }: EnrichParts,
  pipeline: EnrichedPipeline,
  { pass }: ReadingPlace,
  { artifacts, delivered, unreadable, position }: ArtifactPage,
): Promise<void> {
  const at = now();
  // The last of several that a page shows of one.
  const shown = [...new Map(artifacts.map((one) => [one.remoteId, shownArtifact(one, pipeline, at)])).values()];
  await putArtifacts(ledger, pipeline.name, {
    pass,
    shown,
    meet: meetArtifact,
    done: {
      read: artifacts.length + delivered.length + unreadable,
      delivered: delivered.length,
      unreadable,
    },
    delivered,
    ...(pipeline.namedHosts === null ? { position } : {}),
  });
}

/** Hosts of one search in the TIP. */
const HOSTS_AT_ONCE = 100;

/** What the TIP holds of the hosts that a query names; each is looked for once in the time of a pass. */
async function* named(
  { ledger, now }: EnrichParts,
  { name, store, everyPassMs }: EnrichedPipeline,
  {
    place,
    namedHosts,
  }: {
    readonly place: ReadingPlace;
    readonly namedHosts: (signal: AbortSignal) => Promise<readonly string[]>;
  },
  signal: AbortSignal,
): AsyncGenerator<ArtifactPage> {
  const hosts = [...new Set((await namedHosts(signal)).flatMap((text) => namedHost(text) ?? []))].toSorted();
  const since = new Date(Math.max(now().getTime() - everyPassMs, place.began.getTime() - 1));
  await forgetSearched(ledger, name, since);
  const unsearched = await unsearchedHosts(ledger, name, hosts, since);
  for (let at = 0; at < unsearched.length; at += HOSTS_AT_ONCE) {
    const some = unsearched.slice(at, at + HOSTS_AT_ONCE);
    const artifacts: readonly Artifact[] = await store.holding(some, signal);
    yield { artifacts, delivered: [], unreadable: 0, position: null };
    await noteSearched(ledger, name, some, now());
  }
}

/** Says of settings whether they are the same. */
export function selectionKey(settings: unknown): string {
  return createHash('sha256').update(JSON.stringify(settings)).digest('base64url').slice(0, 22);
}
