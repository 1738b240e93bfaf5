import { Fault } from '../../indicators/fault.ts';
import type { Artifact, ArtifactPage, ArtifactStore } from '../artifacts.ts';
import { type AttributesPage, attributesSince, type Span } from './attributes-since.ts';
import { artifactOf, heldByUuid, isDelivered, searchHeld } from './held-attributes.ts';
import { heldAttribute } from './held-schemas.ts';
import { HELD_TYPE_NAMES, isOfTwoHalves } from './held-types.ts';
import { keyHolder } from './key-holder.ts';
import { localTags } from './local-tags.ts';
import { artifactMarker } from './mark-artifacts.ts';
import { markNames } from './mark-names.ts';
import { markTags } from './mark-tags.ts';
import { createMispClient, type MispDeps } from './misp-client.ts';
import type { MispSettings } from './misp-settings.ts';
import { pagesFromTheLast } from './pages.ts';
import type { MispSelection } from './select-section.ts';

type StoreSettings = Pick<MispSettings, 'baseUrl' | 'apiKey' | 'maxObjects' | 'confirmFor' | 'confirmPoll'>;

/** What is stored slowly has the time of its beginning, and clocks differ. In seconds. */
const OVERLAP = 15 * 60;
/** Each has a request of its own for a tag that is taken away. */
const MOST_MARKED = 50;

/** What a MISP holds, whoever brought it: attributes, marked by local tags, which stay on this instance and unpublish nothing. */
export function createMispArtifacts(
  settings: StoreSettings,
  select: MispSelection,
  { tagPrefix, ...deps }: MispDeps & { readonly tagPrefix: string },
): ArtifactStore {
  const client = createMispClient(settings, deps);
  const names = markNames(tagPrefix);
  const holder = keyHolder(client);
  const limit = settings.maxObjects;

  return {
    describe: `MISP at ${new URL(settings.baseUrl).host}`,
    names,
    patience: { withinMs: settings.confirmFor, pollMs: settings.confirmPoll },
    markLoad: Math.min(MOST_MARKED, limit),
    mark: artifactMarker({ client, names, holder, tags: localTags(client, markTags(client, tagPrefix, holder)) }),

    async *pages(after, signal) {
      const { organisation } = await holder(signal);
      const filters = filtersOf(select, organisation);
      const since = after !== null && /^\d{1,12}$/.test(after) ? Number(after) : 0;
      const begun = Math.floor(deps.now().getTime() / 1_000);
      const ask = (span: Span, order: readonly string[], page: number) =>
        selected(() => searchHeld(client, { ...filters, ...timesOf(span), order, limit, page }, signal));
      for await (const page of attributesSince(since, ask)) {
        const reached = page.reached === null ? since : Math.min(page.reached, begun) - OVERLAP;
        yield { ...read(page, organisation), position: String(Math.max(since, reached)) };
      }
    },

    async holding(values, signal) {
      const { organisation } = await holder(signal);
      // With a % at its beginning or end it would be a pattern.
      const asked = values.filter((value) => value !== '' && !value.startsWith('%') && !value.endsWith('%'));
      const wanted = new Set(asked.map((value) => value.toLowerCase()));
      const found: Artifact[] = [];
      for (let at = 0; at < asked.length; at += limit) {
        const value = { OR: asked.slice(at, at + limit) };
        const pages = pagesFromTheLast((page) =>
          searchHeld(client, { value, type: HELD_TYPE_NAMES, order: 'Attribute.id', limit, page }, signal),
        );
        for await (const page of pages) {
          for (const one of page) {
            const attribute = heldAttribute.safeParse(one).data;
            if (attribute === undefined || attribute.deleted === true || isDelivered(attribute)) continue;
            const artifact = artifactOf(attribute, organisation, names);
            // It is found by its other half, too.
            if (isOfTwoHalves(attribute.type) && !wanted.has(artifact.value.toLowerCase())) continue;
            found.push(artifact);
          }
        }
      }
      return [...new Map(found.map((one) => [one.remoteId, one])).values()];
    },

    async look(artifacts, signal) {
      const { organisation } = await holder(signal);
      const held = await heldByUuid(
        client,
        artifacts.map(({ remoteId }) => remoteId),
        signal,
      );
      return new Map([...held].map(([uuid, one]) => [uuid, artifactOf(one, organisation, names)]));
    },
  };

  function read({ attributes }: AttributesPage, organisation: number): Omit<ArtifactPage, 'position'> {
    const artifacts: Artifact[] = [];
    const delivered: string[] = [];
    let unreadable = 0;
    const types: ReadonlySet<string> = new Set(select.types);
    for (const one of attributes) {
      const attribute = heldAttribute.safeParse(one).data;
      if (attribute === undefined) unreadable += 1;
      else if (attribute.deleted === true || !types.has(attribute.type)) continue;
      else if (select.ownOnly && attribute.Event.orgc_id !== organisation) continue;
      else if (isDelivered(attribute)) delivered.push(attribute.uuid);
      else artifacts.push(artifactOf(attribute, organisation, names));
    }
    return { artifacts, delivered, unreadable };
  }
}

/** As MISP's search takes them. (Source: MISP 2.5.1, MispAttribute::buildFilterConditions.) */
function filtersOf({ tags, events, types, published, toIds, ownOnly }: MispSelection, organisation: number) {
  return {
    type: types,
    ...(tags.length === 0 ? {} : { tags: { OR: tags } }),
    ...(events.length === 0 ? {} : { eventid: events.map(String) }),
    ...(published === undefined ? {} : { published: published ? 1 : 0 }),
    ...(toIds === undefined ? {} : { to_ids: toIds ? 1 : 0 }),
    ...(ownOnly ? { org: [String(organisation)] } : {}),
  };
}

function timesOf({ from, to }: Span): { readonly timestamp?: number | readonly number[] } {
  if (to !== undefined) return { timestamp: [from, to] };
  return from === 0 ? {} : { timestamp: from };
}

/** A search that is declined is so for what was selected. */
async function selected<T>(search: () => Promise<T>): Promise<T> {
  try {
    return await search();
  } catch (error) {
    if (!(error instanceof Fault) || error.kind !== 'Rejected') throw error;
    throw new Fault('Refused', `${error.message} Check select of the pipeline: it searches by that.`, { cause: error });
  }
}
