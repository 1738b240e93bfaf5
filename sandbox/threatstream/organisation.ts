/** The organisation of the sandbox's user. */
export const OUR_ORGANISATION = { id: 67, name: 'Sandbox', resource_uri: '/api/v1/userorganization/67/' } as const;
export const FOREIGN_ORGANISATION_ID = 999;
/** Ids from here on belong to another organisation's copies: the id of a copy is ours plus this. */
export const FOREIGN_IDS = 1_000_000_000_000;
