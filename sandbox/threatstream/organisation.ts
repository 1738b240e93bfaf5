/**
 * The organisation of the sandbox's user. Its id is text where the organisation is shown, and a number where an observable or a tag
 * names its owner. (Recorded replies: XSOAR `AnomaliThreatStreamv3`, mocked_data.json and mocked_domain_response.json.)
 */
export const OUR_ORGANISATION = { id: '67', name: 'Sandbox', resource_uri: '/api/v1/userorganization/67/' } as const;
export const OUR_ORGANISATION_ID = 67;
export const FOREIGN_ORGANISATION = {
  id: '999',
  name: 'Another organisation',
  resource_uri: '/api/v1/userorganization/999/',
} as const;
export const FOREIGN_ORGANISATION_ID = 999;
export const USER_ID = 203;
/** Ids from here on belong to another organisation's copies: the id of a copy is ours plus this. */
export const FOREIGN_IDS = 1_000_000_000_000;
