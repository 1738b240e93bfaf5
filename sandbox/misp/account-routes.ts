import { type Answer, answer, type Rooms } from './answer.ts';
import { ORGANISATION } from './wire-forms.ts';

/** (Source: MISP 2.5.1, ServersController::getVersion.) */
export function showVersion({ faults }: Rooms): Answer {
  return answer(200, {
    version: faults().version,
    pymisp_recommended_version: faults().version,
    perm_sync: false,
    perm_sighting: true,
    perm_galaxy_editor: false,
    perm_analyst_data: false,
    uuid: '-',
    request_encoding: ['gzip', 'br'],
    filter_sightings: true,
  });
}

/** (Source: MISP 2.5.1, ServersController::getPyMISPVersion.) */
export function showPyMispVersion({ faults }: Rooms): Answer {
  return answer(200, { version: faults().version });
}

/**
 * The user of the key, and the role as it is in the database: that the key is for reading alone does not show.
 * (Source: MISP 2.5.1, UsersController::view; the columns of roles in db_schema.json.)
 */
export function showUser({ faults }: Rooms): Answer {
  const { adds, modifiesOrganisation, tags, makesTags, publishes } = faults().role;
  const { searches } = faults();
  return answer(200, {
    User: {
      id: '2',
      password: '*****',
      org_id: ORGANISATION.id,
      email: 'mdti-sync@example.com',
      autoalert: false,
      invited_by: '1',
      gpgkey: null,
      certif_public: null,
      nids_sid: '4000000',
      termsaccepted: true,
      newsread: '0',
      role_id: '3',
      change_pw: false,
      contactalert: false,
      disabled: false,
      expiration: null,
      current_login: '0',
      last_login: '0',
      last_api_access: '0',
      force_logout: false,
      date_created: '1764489600',
      date_modified: '1764489600',
      totp: '*****',
    },
    Role: {
      id: '3',
      name: 'Publisher',
      created: null,
      modified: null,
      perm_add: adds,
      perm_modify: adds,
      perm_modify_org: modifiesOrganisation,
      perm_publish: publishes,
      perm_delegate: false,
      perm_sync: false,
      perm_admin: false,
      perm_audit: false,
      perm_auth: true,
      perm_site_admin: false,
      perm_regexp_access: false,
      perm_tagger: tags,
      perm_template: false,
      perm_sharing_group: false,
      perm_tag_editor: makesTags,
      perm_sighting: true,
      perm_object_template: false,
      default_role: false,
      memory_limit: '',
      max_execution_time: '',
      restricted_to_site_admin: false,
      perm_publish_zmq: false,
      perm_publish_kafka: false,
      perm_decaying: false,
      enforce_rate_limit: searches !== null,
      rate_limit_count: String(searches ?? 0),
      perm_galaxy_editor: false,
      perm_warninglist: false,
      perm_view_feed_correlations: true,
      perm_analyst_data: false,
      perm_skip_otp: false,
      permission: publishes ? '3' : '2',
      permission_description: publishes ? 'publish' : 'manage_org',
    },
    UserSetting: [],
    Organisation: ORGANISATION,
  });
}
