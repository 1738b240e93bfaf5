import type { WireAnswer, WireRequest } from '../wire.ts';
import { COLLECTIONS, type CollectionInfo, MEDIA_TYPE, STIX_MEDIA_TYPE, TAXII_CREDENTIALS } from './collections.ts';
import type { Contents } from './contents.ts';
import type { Dialect, ListKind } from './dialect.ts';
import { withForeignObjects } from './foreign-objects.ts';
import type { Library } from './library.ts';
import type { Place } from './path.ts';
import { stuck } from './status-resources.ts';
import type { TaxiiFaults } from './taxii-faults.ts';

/** A request that is signed in, and the place that it is about. */
interface Routed<Where = Place> {
  readonly request: WireRequest;
  readonly place: Where;
  readonly dialect: Dialect;
  readonly faults: TaxiiFaults;
}

type Within = Extract<Place, { readonly collection: string }>;

const ROOT = 'api1';

export function createRoutes(library: Library, address: () => string): (routed: Routed) => WireAnswer {
  return ({ place, ...routed }) => {
    const { dialect, faults } = routed;
    if (place.kind === 'discovery') return dialect.json(discovery(dialect.rootAddress(address())));
    if (place.root !== ROOT) return dialect.refusal('no-root', place.root);
    if (place.kind === 'root') return dialect.json(rootInformation(faults));
    if (place.kind === 'status') return status({ ...routed, place }, library);
    const there = COLLECTIONS.filter(({ id }) => !isGone(id, faults));
    if (place.kind === 'collections') return dialect.json({ collections: there.map((each) => resource(each, faults)) });
    const info = there.find(({ id }) => id === place.collection);
    const contents = library.contents(place.collection);
    if (info === undefined || contents === undefined) return dialect.refusal('no-collection', place.collection);
    return within({ ...routed, place }, { info: allowed(info, faults), contents, library });
  };
}

interface Opened {
  readonly info: CollectionInfo;
  readonly contents: Contents;
  readonly library: Library;
}

function within(routed: Routed<Within>, opened: Opened): WireAnswer {
  const { place, request, dialect, faults } = routed;
  switch (place.kind) {
    case 'collection':
      return dialect.json(resource(opened.info, faults));
    case 'objects':
      return request.method === 'POST' ? add(routed, opened) : list('objects', routed, opened);
    case 'manifest':
      return list('manifest', routed, opened);
    case 'object':
      if (request.method === 'DELETE') return remove(place.object, routed, opened);
      return list('objects', routed, opened, place.object);
    case 'versions':
      return list('versions', routed, opened, place.object);
  }
}

function add({ request, dialect, faults }: Routed<Within>, { info, contents, library }: Opened): WireAnswer {
  const refused = dialect.refusedPost(request, info, faults);
  if (refused !== null) return refused;
  const { taken, refusal } = dialect.sift(request, contents, faults);
  if (!info.canWrite || faults.writesRefused) return dialect.refusal('may-not-write', info.id);
  if (refusal !== null && taken.length === 0) return refusal;
  const told = library.add({ contents, objects: taken, dialect });
  return refusal ?? dialect.json(faults.status === 'stuck' ? stuck(told) : told, {}, 202);
}

function list(
  kind: ListKind,
  { request, dialect, faults }: Routed<Within>,
  { info, contents }: Opened,
  id?: string,
): WireAnswer {
  if (!info.canRead) return dialect.refusal('may-not-read', info.id);
  const { query } = request;
  if (faults.readsBroken && kind !== 'versions' && id === undefined && !query.has('match[id]'))
    return dialect.refusal('broken');
  const shelf = withForeignObjects(contents, faults.foreignObjects);
  return dialect.list(kind, shelf, { query, faults, ...(id === undefined ? {} : { id }) });
}

function remove(
  id: string,
  { request: { query }, dialect, faults }: Routed<Within>,
  { info, contents, library }: Opened,
): WireAnswer {
  const decided = dialect.deleted(contents, id, {
    query,
    info: { ...info, canWrite: info.canWrite && !faults.writesRefused },
  });
  if ('refusal' in decided) return decided.refusal;
  library.delete(contents, decided.versions);
  return { status: 200, headers: { 'content-type': MEDIA_TYPE }, body: '' };
}

function status(
  { place, dialect, faults }: Routed<Extract<Place, { readonly kind: 'status' }>>,
  library: Library,
): WireAnswer {
  const found = library.status(place.status);
  if (found === undefined || faults.status === 'missing') return dialect.refusal('no-status', place.status);
  return dialect.json(faults.status === 'stuck' ? stuck(found) : found);
}

/** (Source: TAXII 2.1, 4.1.1.) */
function discovery(root: string): unknown {
  return { title: 'Sandbox', default: root, api_roots: [root] };
}

/** (Source: TAXII 2.1, 4.2.1.) */
function rootInformation({ maxContentLength }: TaxiiFaults): unknown {
  return { title: 'Sandbox', versions: [MEDIA_TYPE], max_content_length: maxContentLength };
}

/** (Source: TAXII 2.1, 5.2.1.) */
function resource(info: CollectionInfo, faults: TaxiiFaults): unknown {
  const { id, title, canRead, canWrite } = allowed(info, faults);
  return { id, title, can_read: canRead, can_write: canWrite, media_types: [STIX_MEDIA_TYPE] };
}

function allowed(info: CollectionInfo, { canWrite }: TaxiiFaults): CollectionInfo {
  return { ...info, canWrite: info.canWrite && canWrite };
}

function isGone(id: string, { collectionGone }: TaxiiFaults): boolean {
  return collectionGone && id === TAXII_CREDENTIALS.collection;
}
