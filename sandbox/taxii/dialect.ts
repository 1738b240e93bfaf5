import type { WireAnswer, WireRequest } from '../wire.ts';
import type { CollectionInfo } from './collections.ts';
import type { Version } from './contents.ts';
import type { StixObject } from './stix-object.ts';
import type { TaxiiFaults } from './taxii-faults.ts';

/** Why a request is refused, before its content is looked at. */
export type Refusal =
  | 'unauthorised'
  | 'no-path'
  | 'no-root'
  | 'no-collection'
  | 'no-object'
  | 'no-status'
  | 'may-not-read'
  | 'may-not-write'
  | 'method'
  | 'too-large'
  | 'too-often'
  | 'unavailable'
  | 'broken';

/** What a reader sees of a collection. */
export interface Shelf {
  /** In the order in which they were added. */
  all(): readonly Version[];
  of(id: string): readonly Version[];
  ofAny(ids: Iterable<string>): readonly Version[];
  /** Whether the version of something in it is no instant. */
  readonly illTimed: boolean;
}

/** What to take of what was sent, and what it is answered when that is not all. */
export interface Sifted {
  readonly taken: readonly StixObject[];
  readonly refusal: WireAnswer | null;
}

export type ListKind = 'objects' | 'manifest' | 'versions';

/** The behaviour of one of the servers, in all in which they differ. */
export interface Dialect {
  refusal(reason: Refusal, about?: string): WireAnswer;
  json(body: unknown, headers?: Readonly<Record<string, string>>, status?: number): WireAnswer;
  readonly missingSlash: 'redirect' | 'missing';
  /** Of the API root, for the discovery. */
  rootAddress(address: string): string;
  /** Null when the `Accept` will do. */
  refusedAccept(request: WireRequest): WireAnswer | null;
  /** In the order of the server: the content type, the permission, the length. Null when it may be read. */
  refusedPost(request: WireRequest, info: CollectionInfo, faults: TaxiiFaults): WireAnswer | null;
  sift(request: WireRequest, shelf: Shelf, faults: TaxiiFaults): Sifted;
  /** What is told of an object's version. */
  toldVersion(written: string): string;
  /** Whether an object is there already. */
  isThere(object: StixObject, held: readonly Version[]): boolean;
  readonly duplicate: 'failure' | 'success';
  /** Whether all objects of a request were added at one instant. */
  readonly addedTogether: boolean;
  list(kind: ListKind, shelf: Shelf, asked: Asked): WireAnswer;
  /** The versions that a DELETE takes away. */
  deleted(shelf: Shelf, id: string, asked: { readonly query: URLSearchParams; readonly info: CollectionInfo }): Deleted;
}

type Deleted = { readonly versions: readonly Version[] } | { readonly refusal: WireAnswer };

export interface Asked {
  readonly query: URLSearchParams;
  /** Of one object only. */
  readonly id?: string;
  readonly faults: TaxiiFaults;
}
