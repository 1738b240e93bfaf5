import { type Answer, answer, type Call, Declined, INTERNAL_ERROR, type Rooms } from './answer.ts';
import { comparable, storedValue } from './attribute-value.ts';
import { isSeen } from './events-seen.ts';
import { type Filter, filterOf, matcher, passes } from './filters.ts';
import { fieldsOf, isSet, isTrue, textOf } from './loose.ts';
import type { AttributeRecord, EventRecord, Tagged } from './records.ts';
import { orderOf } from './search-order.ts';
import { isListed } from './warninglists.ts';
import { attributeFields, eventObject, isOrganisation, tagList } from './wire-forms.ts';

type Asked = Readonly<Record<string, unknown>>;

/** Filters that MISP knows and this does not: better no answer than a wrong one. What MISP does not know it leaves out of account, too. */
const NOT_HERE = [
  'last',
  'from',
  'to',
  'date',
  'first_seen',
  'last_seen',
  'searchall',
  'quickFilter',
  'publish_timestamp',
];
const NO_LIMIT = Number.MAX_SAFE_INTEGER;

/** (Source: MISP 2.5.1, MispAttribute::restSearch, JsonExport.) */
export function searchAttributes(rooms: Rooms, call: Call): Answer {
  const asked = askedOf(call);
  const found = candidates(rooms, asked)
    .filter(attributeFilter(rooms, asked))
    .toSorted(orderOf(asked['order'], rooms.faults().ordersSearches));
  const page = pageOf(found, asked).filter(
    (one) => !isTrue(asked['enforceWarninglist']) || !isListed(rooms, one.value),
  );
  const list = page.map((one) => foundForm(rooms, one, asked));
  return answer(200, { response: { Attribute: list } }, { 'x-result-count': String(list.length) });
}

/** Events as wholes, found by themselves or by what is in them. (Source: MISP 2.5.1, Event::restSearch.) */
export function searchEvents(rooms: Rooms, call: Call): Answer {
  const asked = askedOf(call);
  const isWanted = attributeFilter(rooms, { ...asked, uuid: undefined, eventid: undefined, tags: undefined });
  const byAttribute = ['value', 'type', 'category', 'to_ids'].some((name) => isSet(asked[name]));
  const info = filterOf(asked['eventinfo']);
  const uuid = filterOf(asked['uuid']);
  const tags = filterOf(asked['tags']);
  const found = rooms.instance
    .events()
    .filter((event) => isSeen(rooms, event))
    .filter((event) => {
      const inside = rooms.instance.attributes.of(event.id);
      return (
        fitsEvent(event, asked) &&
        (info === null || passes(info, (wanted) => matcher(wanted, comparable)(event.info))) &&
        (uuid === null ||
          passes(uuid, (wanted) => event.uuid === wanted || inside.some((one) => one.uuid === wanted))) &&
        (tags === null ||
          passes(tags, (wanted) => [event, ...inside].some((one) => hasTag(rooms, one.tags, wanted)))) &&
        (!byAttribute || inside.some((one) => isWanted(one)))
      );
    });
  const options = { metadata: isTrue(asked['metadata']), deleted: isTrue(asked['deleted']) ? 'both' : 'none' } as const;
  const list = pageOf(found, asked).map((event) => eventObject(rooms, event, options));
  return answer(200, { response: list }, { 'x-result-count': String(list.length) });
}

function askedOf({ method, data, named }: Call): Asked {
  if (method === 'GET' && named.size === 0) {
    throw new Declined(
      400,
      'Restsearch queries using GET and no parameters are not allowed. If you have passed parameters via a JSON body, make sure you use POST requests.',
    );
  }
  if (method === 'POST' && !isTrue(data)) {
    throw new Declined(400, 'Either specify the search terms in the url, or POST a json with the filter parameters.');
  }
  const fields = fieldsOf(data);
  const asked: Asked = { ...Object.fromEntries(named), ...fieldsOf(fields['request'] ?? fields) };
  if (NOT_HERE.some((name) => isTrue(asked[name]))) throw new Declined(500, INTERNAL_ERROR);
  if (isTrue(asked['returnFormat']) && asked['returnFormat'] !== 'json')
    throw new Declined(404, 'Invalid output format.');
  return asked;
}

/** Those that can be found at all, by an index where there is one. */
function candidates({ instance }: Rooms, asked: Asked): readonly AttributeRecord[] {
  const uuids = filterOf(asked['uuid'])?.any ?? [];
  if (uuids.length === 0) return instance.attributes.all();
  const inEvents = uuids.flatMap((uuid) => instance.attributes.of(instance.eventWithUuid(uuid)?.id ?? 0));
  const found = uuids.flatMap((uuid) => instance.attributes.withUuid(uuid) ?? []);
  return [...new Set([...inEvents, ...found])];
}

function attributeFilter(rooms: Rooms, asked: Asked): (attribute: AttributeRecord) => boolean {
  const uuid = filterOf(asked['uuid']);
  const value = filterOf(asked['value']);
  const tags = filterOf(asked['tags']);
  const simple = [filterOf(asked['type']), filterOf(asked['category'])];
  const uuids = new Set(uuid?.any);
  // As the database does it with an index, and not one by one.
  const exact = value?.any.every((wanted) => !isPattern(wanted)) === true ? new Set(value.any.map(exactKey)) : null;
  const matchers = (value?.any ?? []).map((wanted) => matcher(wanted, comparable));
  return (attribute) => {
    const event = rooms.instance.event(attribute.eventId);
    if (event === null || !isSeen(rooms, event) || !fitsEvent(event, asked)) return false;
    if (attribute.deleted && !rooms.faults().deletedIsFound) return false;
    if (!fitsDeleted(attribute, asked['deleted'])) return false;
    if (isSet(asked['to_ids']) && !fitsFlag(attribute.toIds, asked['to_ids'])) return false;
    if (uuid !== null && uuids.size > 0 && !uuids.has(attribute.uuid) && !uuids.has(event.uuid)) return false;
    if (uuid?.none.includes(attribute.uuid) === true) return false;
    if (value !== null && !fitsValue(attribute, value, exact, matchers)) return false;
    const texts = [attribute.type, attribute.category];
    if (
      !simple.every((one, at) => one === null || passes(one, (wanted) => matcher(wanted, comparable)(texts[at] ?? '')))
    )
      return false;
    if (!isWithin(attribute.timestamp, asked['timestamp'] ?? asked['attribute_timestamp'])) return false;
    return tags === null || passes(tags, (wanted) => hasTag(rooms, [...attribute.tags, ...event.tags], wanted));
  };
}

/** Each half of what is composed of two. (Source: MISP 2.5.1, Event::set_filter_value: value1, value2.) */
function fitsValue(
  { type, value }: AttributeRecord,
  { any, none }: Filter,
  exact: ReadonlySet<string> | null,
  matchers: readonly ((value: string) => boolean)[],
): boolean {
  const halves = type.includes('|') ? value.split('|') : [value];
  if (halves.some((half) => none.some((unwanted) => matcher(unwanted, comparable)(half)))) return false;
  if (any.length === 0) return true;
  return halves.some((half) => (exact === null ? matchers.some((fits) => fits(half)) : exact.has(comparable(half))));
}

function isPattern(wanted: string): boolean {
  return wanted.startsWith('%') || wanted.endsWith('%');
}

/** IPv6 is compressed here, too. (Source: MISP 2.5.1, Event::set_filter_value.) */
function exactKey(wanted: string): string {
  return comparable(wanted.includes(':') && !wanted.includes('/') ? storedValue('ip-dst', wanted) : wanted);
}

/** From one instant on, or from one to another. (Source: MISP 2.5.1, MispAttribute::setTimestampConditions; times that are not numbers are not known here.) */
function isWithin(timestamp: number, asked: unknown): boolean {
  if (!Array.isArray(asked)) return timestamp >= Number(textOf(asked) ?? 0);
  const [from = 0, to = 0] = asked.map((one: unknown) => Number(textOf(one) ?? 0)).toSorted((a, b) => a - b);
  return timestamp >= from && timestamp <= to;
}

function fitsEvent(event: EventRecord, asked: Asked): boolean {
  const organisation = filterOf(asked['org']);
  if (organisation !== null && !passes(organisation, (wanted) => isOrganisation(event, wanted))) return false;
  const ids = filterOf(asked['eventid']);
  if (ids !== null && !passes(ids, (wanted) => String(event.id) === wanted || event.uuid === wanted)) return false;
  return !isSet(asked['published']) || fitsFlag(event.published, asked['published']);
}

/**
 * Without it, what is deleted is hidden; `[0, 1]` shows both; `only` finds nothing.
 * (Sources: MISP 2.5.1, MispAttribute::fetchAttributes, set_filter_deleted; MISP#10949.)
 */
function fitsDeleted({ deleted }: AttributeRecord, asked: unknown): boolean {
  if (asked === 'only') return false;
  return isTrue(asked) ? fitsFlag(deleted, asked) : !deleted;
}

function fitsFlag(flag: boolean, asked: unknown): boolean {
  const list: readonly unknown[] = Array.isArray(asked) ? asked : [asked];
  return list.some((one) => (one === 'exclude' ? !flag : isTrue(one) === flag));
}

function hasTag({ instance }: Rooms, tags: readonly Tagged[], wanted: string): boolean {
  const fits = matcher(wanted, (name) => name.toLowerCase());
  return tags.some(({ id }) => fits(instance.tags.withId(id)?.name ?? ''));
}

/** A page without a limit is the whole. */
function pageOf<Item>(found: readonly Item[], asked: Asked): readonly Item[] {
  const limit = Number(textOf(asked['limit']) || NO_LIMIT);
  const page = limit === NO_LIMIT ? 1 : Math.max(1, Number(textOf(asked['page']) || 1));
  return found.slice((page - 1) * limit, page * limit);
}

function foundForm(rooms: Rooms, attribute: AttributeRecord, asked: Asked): object {
  const event = rooms.instance.event(attribute.eventId);
  const inherited = isTrue(asked['includeEventTags']) ? (event?.tags ?? []) : [];
  const { unexportedTags } = rooms.faults();
  const leaves = ({ id }: Tagged): boolean =>
    isTrue(asked['includeAllTags']) || !unexportedTags.includes(rooms.instance.tags.withId(id)?.name ?? '');
  const own = tagList(rooms, attribute.tags.filter(leaves)).Tag ?? [];
  const tags = [...own, ...(tagList(rooms, inherited, { inherited: 1 }).Tag ?? [])];
  const orgc = event?.foreign === true ? '2' : '1';
  return {
    ...attributeFields(attribute),
    ...(isTrue(asked['includeEventUuid']) ? { event_uuid: event?.uuid } : {}),
    Event: {
      id: String(attribute.eventId),
      info: event?.info,
      org_id: orgc,
      orgc_id: orgc,
      uuid: event?.uuid,
      distribution: event?.distribution,
      publish_timestamp: String(event?.publishTimestamp ?? 0),
    },
    ...(tags.length === 0 ? {} : { Tag: tags }),
  };
}
