import type { Rooms } from './answer.ts';
import type { AttributeRecord, EventRecord, Tagged, TagRecord } from './records.ts';

/** Of the organisation of the key, and of another. */
export const ORGANISATION = { id: '1', name: 'Example', uuid: '5d6d3b30-9db0-44b9-8869-7f56a5e38e14', local: true };
const OTHER = { id: '2', name: 'Elsewhere', uuid: '0ddbe0c8-5d53-4d3c-8a0c-2f8a3ad8ac0b', local: false };

/**
 * Numbers are texts, small ones that say yes or no are booleans. (Sources: MISP 2.5.1, database.default.php: results are turned into texts;
 * CakePHP 2, Mysql::fetchResult: tinyint(1) is a boolean.)
 */
export function attributeFields(attribute: AttributeRecord): Record<string, unknown> {
  const { id, eventId, uuid, type, category, value } = attribute;
  return {
    id: String(id),
    event_id: String(eventId),
    object_id: '0',
    object_relation: null,
    category,
    type,
    to_ids: attribute.toIds,
    uuid,
    timestamp: String(attribute.timestamp),
    distribution: attribute.distribution,
    sharing_group_id: '0',
    comment: attribute.comment,
    deleted: attribute.deleted,
    disable_correlation: attribute.disableCorrelation,
    first_seen: attribute.firstSeen,
    last_seen: attribute.lastSeen,
    value,
  };
}

export function tagFields({ id, name }: TagRecord): Record<string, unknown> {
  return {
    id: String(id),
    name,
    colour: `#${(id * 2_654_435).toString(16).padStart(6, '0').slice(-6)}`,
    exportable: true,
    org_id: '0',
    user_id: '0',
    hide_tag: false,
    numerical_value: null,
    is_galaxy: false,
    is_custom_galaxy: false,
    local_only: false,
  };
}

/** The tags of something; without the key when it has none. */
export function tagList({ instance }: Rooms, tags: readonly Tagged[], more: object = {}): { Tag?: readonly unknown[] } {
  const list = tags.flatMap(({ id, local }) => {
    const tag = instance.tags.withId(id);
    return tag === null ? [] : [{ ...tagFields(tag), local, relationship_type: null, ...more }];
  });
  return list.length === 0 ? {} : { Tag: list };
}

/** Whether it is the organisation's that made the event: by its number, name or uuid. (Source: MISP 2.5.1, Event::set_filter_org.) */
export function isOrganisation({ foreign }: EventRecord, wanted: string): boolean {
  const { id, name, uuid } = foreign ? OTHER : ORGANISATION;
  return [id, name, uuid].includes(wanted);
}

function eventFields(event: EventRecord, attributeCount: number): Record<string, unknown> {
  const orgc = event.foreign ? OTHER.id : ORGANISATION.id;
  return {
    id: String(event.id),
    orgc_id: orgc,
    org_id: orgc,
    date: event.date,
    threat_level_id: event.threatLevel,
    info: event.info,
    published: event.published,
    uuid: event.uuid,
    attribute_count: String(attributeCount),
    analysis: event.analysis,
    timestamp: String(event.timestamp),
    distribution: event.distribution,
    proposal_email_lock: false,
    locked: false,
    publish_timestamp: String(event.publishTimestamp),
    sharing_group_id: '0',
    disable_correlation: false,
    extends_uuid: '',
    protected: null,
  };
}

/** An event as a whole. (Source: MISP 2.5.1, JSONConverterTool::convert.) */
export function eventObject(
  rooms: Rooms,
  event: EventRecord,
  { metadata, deleted }: { readonly metadata: boolean; readonly deleted: 'none' | 'both' | 'only' },
): { readonly Event: object } {
  const all = rooms.instance.attributes.of(event.id);
  const present = all.filter((attribute) => !attribute.deleted);
  const shown = { none: present, both: all, only: all.filter((attribute) => attribute.deleted) }[deleted];
  const organisation = event.foreign ? OTHER : ORGANISATION;
  const inside = {
    Attribute: shown.map((attribute) => inEvent(rooms, attribute)),
    ShadowAttribute: [],
    RelatedEvent: [],
    Galaxy: [],
    Object: [],
    EventReport: [],
    CryptographicKey: [],
  };
  return {
    Event: {
      ...eventFields(event, present.length),
      Org: organisation,
      Orgc: organisation,
      ...(metadata ? {} : inside),
      ...tagList(rooms, event.tags),
    },
  };
}

function inEvent(rooms: Rooms, attribute: AttributeRecord): object {
  return { ...attributeFields(attribute), Galaxy: [], ShadowAttribute: [], ...tagList(rooms, attribute.tags) };
}
