import { Fault } from '../../indicators/fault.ts';
import type { MarkNames } from '../../indicators/judge-artifact.ts';
import type { Artifact, ArtifactPage, ArtifactRef, ArtifactStore } from '../artifacts.ts';
import { areOurs } from '../threatstream-csv/tags.ts';
import { artifactOf } from './artifact-form.ts';
import { queryOf, type ThreatStreamSelection } from './artifact-selection.ts';
import { nextQuery } from './next-page.ts';
import { type OwnerOf, organizationOf } from './ownership.ts';
import { type Intelligence, intelligencePage, investigation, type Page } from './reply-schemas.ts';
import { inOrderOfChanges, searchByValues } from './search.ts';
import { API, type ThreatStreamCall, type ThreatStreamClient } from './threatstream-client.ts';

const PATH = '/api/v2/intelligence/';
const NEEDS = 'read intelligence';
/** Of one question, so that its address stays far below what servers take. */
const IDS_A_QUESTION = 100;
const PAGE = 1_000;
/** Ten million observables: a listing ends before. */
const MOST_PAGES = 10_000;

export interface Reading {
  readonly client: ThreatStreamClient;
  readonly ownerOf: OwnerOf;
  readonly selection: ThreatStreamSelection;
  readonly names: MarkNames;
}

/** Reads what is selected; what carries our own tag was brought by this product, and is left out. */
export function artifactReading(reading: Reading): Pick<ArtifactStore, 'pages' | 'holding' | 'look'> {
  const { client, ownerOf, selection } = reading;
  const select = (copies: readonly Intelligence[], owner: string | null) => artifactsAmong(copies, owner, reading);

  return {
    async *pages(after, signal) {
      let position = after;
      for await (const { found, unreadable, last } of pagesOf(reading, after, signal)) {
        const owner = found.length === 0 ? null : await ownerOf(signal);
        // A page that is empty, or does not tell where it ends, is behind the one before it.
        position = last ?? position;
        yield { ...select(found, owner), unreadable, position } satisfies ArtifactPage;
      }
    },
    async holding(values, signal) {
      const found = await searchByValues(client, values, signal);
      const owner = found.length === 0 ? null : await ownerOf(signal);
      const wanted = new Set(selection.status);
      return select(
        found.filter(({ status }) => status === null || [...wanted].some((one) => one === status)),
        owner,
      ).artifacts;
    },
    async look(artifacts, signal) {
      const found = await copiesOf(client, artifacts, signal);
      const owner = found.length === 0 ? null : await ownerOf(signal);
      return new Map(found.map((copy) => [copy.id, artifactOf(copy, owner, reading.names)]));
    },
  };
}

function artifactsAmong(
  copies: readonly Intelligence[],
  owner: string | null,
  { names }: Reading,
): Pick<ArtifactPage, 'artifacts' | 'delivered'> {
  const artifacts: Artifact[] = [];
  const delivered: string[] = [];
  for (const copy of copies) {
    if (areOurs(copy.tags) && organizationOf(copy, owner) !== 'theirs') delivered.push(copy.id);
    else artifacts.push(artifactOf(copy, owner, names));
  }
  return { artifacts, delivered };
}

interface Found {
  readonly found: readonly Intelligence[];
  readonly unreadable: number;
  readonly last: string | null;
}

async function* pagesOf(
  { client, selection }: Reading,
  after: string | null,
  signal: AbortSignal,
): AsyncGenerator<Found> {
  const { investigation: wanted, threatModel, searchFilter, q } = selection;
  if (wanted !== undefined) yield* ofInvestigation(client, wanted, signal);
  else if (threatModel !== undefined) yield* ofModel(client, threatModel, signal);
  else {
    try {
      yield* inOrderOfChanges(client, queryOf(selection), after, signal);
    } catch (error) {
      if (!(error instanceof Fault) || error.kind !== 'Refused' || (q === undefined && searchFilter === undefined))
        throw error;
      const settings = [...(q === undefined ? [] : ['q']), ...(searchFilter === undefined ? [] : ['searchFilter'])];
      throw new Fault(
        'Refused',
        `${error.message} It may be select.${settings.join(' or select.')} of the pipeline: ask ThreatStream the same in its own search.`,
      );
    }
  }
}

/** By the ids of its elements. (Source: facts of two clients: `elements[{r_type, r_id}]`.) */
async function* ofInvestigation(client: ThreatStreamClient, id: number, signal: AbortSignal): AsyncGenerator<Found> {
  const call = { method: 'GET', path: `/api/v1/investigation/${id}/`, needs: 'read investigations' } as const;
  const elements = await readOrRefuse(
    client,
    call,
    'select.investigation',
    () => client.read(call, investigation, signal),
    signal,
  );
  const ids = elements.filter(({ type }) => OBSERVABLES.has(type.toLowerCase())).map((one) => one.id);
  for (let at = 0; at < ids.length; at += IDS_A_QUESTION) {
    const found = await byIds(client, ids.slice(at, at + IDS_A_QUESTION), signal);
    if (found === null)
      throw new Fault(
        'Refused',
        `${API} does not tell observables by their ids, as select.investigation of the pipeline needs it: select them by a tag instead.`,
      );
    yield { found: found.objects, unreadable: found.unreadable, last: null };
  }
}

const OBSERVABLES: ReadonlySet<string> = new Set(['intelligence', 'intelligence2', 'observable']);

/** `GET /api/v1/{model}/{id}/intelligence/`. (Source: XSOAR `AnomaliThreatStreamv3`.) */
async function* ofModel(
  client: ThreatStreamClient,
  { type, id }: NonNullable<ThreatStreamSelection['threatModel']>,
  signal: AbortSignal,
): AsyncGenerator<Found> {
  const path = `/api/v1/${type}/${id}/intelligence/`;
  let query: Readonly<Record<string, string>> = { limit: String(PAGE) };
  for (let asked = 0; asked < MOST_PAGES; asked += 1) {
    const call = { method: 'GET', path, query, needs: 'read threat models' } as const;
    const page = await readOrRefuse(
      client,
      call,
      'select.threatModel',
      () => client.read(call, intelligencePage, signal),
      signal,
    );
    yield { found: page.objects, unreadable: page.unreadable, last: null };
    const next = nextQuery(query, page, PAGE);
    if (next === null) return;
    query = next;
  }
  throw new Fault('Unavailable', `${API} went on paging after ${MOST_PAGES} pages of a threat model.`);
}

/** A 404 says that there is no such thing, and not that the address is wrong. */
async function readOrRefuse<T>(
  client: ThreatStreamClient,
  call: ThreatStreamCall,
  setting: string,
  read: () => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof Fault) || error.kind !== 'Refused') throw error;
    const { status } = await client.send({ ...call, answers: [401, 403, 404] }, signal);
    if (status !== 404) throw error;
    throw new Fault(
      'Refused',
      `${API} has nothing by the id in ${setting} of the pipeline, or does not show it to the user of the destination.`,
    );
  }
}

/** As they are now: by their ids where that is understood, and those that it does not show by their values. */
async function copiesOf(
  client: ThreatStreamClient,
  artifacts: readonly ArtifactRef[],
  signal: AbortSignal,
): Promise<readonly Intelligence[]> {
  const found: Intelligence[] = [];
  for (let at = 0; at < artifacts.length; at += IDS_A_QUESTION) {
    const some = artifacts.slice(at, at + IDS_A_QUESTION);
    const page = await byIds(
      client,
      some.map(({ remoteId }) => remoteId),
      signal,
    );
    found.push(...(page?.objects ?? []));
  }
  const shown = new Set(found.map(({ id }) => id));
  const left = artifacts.filter(({ remoteId }) => !shown.has(remoteId));
  const wanted = new Set(left.map(({ remoteId }) => remoteId));
  const values = [...new Set(left.map(({ value }) => value))].filter(isAskable);
  const more = values.length === 0 ? [] : await searchByValues(client, values, signal);
  return [...found, ...more.filter(({ id }) => wanted.has(id))];
}

/** Null where the filter is declined, or left out of account. (UNCONFIRMED: no source names it.) */
async function byIds(
  client: ThreatStreamClient,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<Pick<Page<Intelligence>, 'objects' | 'unreadable'> | null> {
  const query = { id: ids.join(','), status: 'active,inactive,falsepos', limit: String(PAGE) };
  const reply = await client.send({ method: 'GET', path: PATH, query, needs: NEEDS }, signal);
  if (reply.status !== 200) return null;
  const page = intelligencePage.safeParse(jsonOf(reply.text));
  if (!page.success) return null;
  const wanted = new Set(ids);
  return page.data.size <= ids.length && page.data.objects.every(({ id }) => wanted.has(id)) ? page.data : null;
}

/** Servers take no address that is much longer, so that asking for one would never end. */
const LONGEST_ASKED = 4_000;

function isAskable(value: string): boolean {
  return new URLSearchParams({ value }).toString().length <= LONGEST_ASKED;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
