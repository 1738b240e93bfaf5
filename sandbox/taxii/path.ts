/** What a path is about. */
export type Place =
  | { readonly kind: 'discovery' }
  | { readonly kind: 'root'; readonly root: string }
  | { readonly kind: 'status'; readonly root: string; readonly status: string }
  | { readonly kind: 'collections'; readonly root: string }
  | { readonly kind: 'collection' | 'objects' | 'manifest'; readonly root: string; readonly collection: string }
  | {
      readonly kind: 'object' | 'versions';
      readonly root: string;
      readonly collection: string;
      readonly object: string;
    };

/** The methods of each kind of place, as a server lists them. (Source: TAXII 2.1, 4 and 5.) */
export const METHODS: Readonly<Record<Place['kind'], readonly string[]>> = {
  discovery: ['GET'],
  root: ['GET'],
  status: ['GET'],
  collections: ['GET'],
  collection: ['GET'],
  objects: ['GET', 'POST'],
  manifest: ['GET'],
  object: ['DELETE', 'GET'],
  versions: ['GET'],
};

/** Null for a path that no server of TAXII has; every one that it has ends with a slash. (Source: TAXII 2.1, 1.6.) */
export function placeOf(path: string): Place | null {
  if (!path.startsWith('/') || !path.endsWith('/')) return null;
  const [root, ...parts] = path.slice(1, -1).split('/').map(decoded);
  if (root === undefined || root === '') return null;
  if (root === 'taxii2') return parts.length === 0 ? { kind: 'discovery' } : null;
  const [first, second, third, fourth, fifth] = parts;
  if (first === undefined) return { kind: 'root', root };
  if (first === 'status' && second !== undefined && third === undefined)
    return { kind: 'status', root, status: second };
  if (first !== 'collections') return null;
  if (second === undefined) return { kind: 'collections', root };
  const within = { root, collection: second };
  if (third === undefined) return { kind: 'collection', ...within };
  if (third === 'manifest' && fourth === undefined) return { kind: 'manifest', ...within };
  if (third !== 'objects' || parts.length > 5) return null;
  if (fourth === undefined) return { kind: 'objects', ...within };
  if (fifth === undefined) return { kind: 'object', ...within, object: fourth };
  return fifth === 'versions' ? { kind: 'versions', ...within, object: fourth } : null;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
