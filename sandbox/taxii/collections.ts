/** Fixed, and nobody's. */
export const TAXII_CREDENTIALS = {
  user: 'engineer@sandbox.invalid',
  password: 'not-a-secret-taxii-password',
  token: 'not-a-secret-taxii-token',
  /** The collection that may be read and written, and those that may only be read, or only be written. */
  collection: '00000000-5a4d-4074-8a11-000000000001',
  readOnlyCollection: '00000000-5a4d-4074-8a11-000000000002',
  writeOnlyCollection: '00000000-5a4d-4074-8a11-000000000003',
} as const;

export interface CollectionInfo {
  readonly id: string;
  readonly title: string;
  readonly canRead: boolean;
  readonly canWrite: boolean;
}

/** The collections, and what everybody may do with them. */
export const COLLECTIONS: readonly CollectionInfo[] = [
  { id: TAXII_CREDENTIALS.collection, title: 'Indicators', canRead: true, canWrite: true },
  { id: TAXII_CREDENTIALS.readOnlyCollection, title: 'Published', canRead: true, canWrite: false },
  { id: TAXII_CREDENTIALS.writeOnlyCollection, title: 'Submissions', canRead: false, canWrite: true },
];

export const MEDIA_TYPE = 'application/taxii+json;version=2.1';
export const STIX_MEDIA_TYPE = 'application/stix+json;version=2.1';
