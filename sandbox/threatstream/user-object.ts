import { OUR_ORGANISATION, USER_ID } from './organisation.ts';

/** `GET /api/v1/user/`: the account that asks, and its organisation. (Source: Polarity's ThreatStream integration reads these.) */
export function userList(user: string): Readonly<Record<string, unknown>> {
  return {
    meta: { limit: 20, next: null, offset: 0, previous: null, total_count: 1 },
    objects: [
      {
        api_key: { id: '1' },
        avatar_s3_url: null,
        can_share_intelligence: false,
        email: user,
        id: String(USER_ID),
        is_active: true,
        is_readonly: false,
        must_change_password: false,
        name: '',
        nickname: null,
        organization: OUR_ORGANISATION,
        resource_uri: `/api/v1/user/${USER_ID}/`,
      },
    ],
  };
}
