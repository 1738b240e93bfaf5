import type { Indicator } from '../indicator.ts';
import type { References } from '../references.ts';
import { type FilterGroup, matchesGroup } from './filter-group.ts';
import { unsupported } from './graphql-error.ts';

/** Whether an indicator is one of those. Throws at a key that there is not. */
export function matches(one: Indicator, group: FilterGroup, references: References): boolean {
  return matchesGroup(group, (key) => valuesAt(one, key, references));
}

/** `ids` knows an indicator by each of its ids. */
function valuesAt(one: Indicator, key: string, references: References): string[] {
  const date = (at: number): string[] => [new Date(at).toISOString()];
  switch (key) {
    case 'ids':
      return [one.internalId, one.standardId, ...one.stixIds];
    case 'id':
    case 'internal_id':
      return [one.internalId];
    case 'standard_id':
      return [one.standardId];
    case 'x_opencti_stix_ids':
      return one.stixIds;
    case 'entity_type':
      return ['Indicator'];
    case 'name':
      return [one.name];
    case 'pattern':
      return [one.pattern];
    case 'pattern_type':
      return [one.patternType];
    case 'revoked':
      return [String(one.revoked)];
    case 'confidence':
      return [String(one.confidence)];
    case 'x_opencti_score':
      return [String(one.score)];
    case 'x_opencti_main_observable_type':
      return [one.mainObservableType];
    case 'valid_from':
      return date(one.validFrom);
    case 'valid_until':
      return date(one.validUntil);
    case 'created':
      return date(one.created);
    case 'created_at':
      return date(one.createdAt);
    case 'modified':
    case 'updated_at':
      return date(one.updatedAt);
    case 'objectLabel':
      return one.labels;
    case 'objectMarking':
      return one.markings.flatMap((id) => [id, ...(references.marking(id)?.stixIds ?? [])]);
    // By the internal id alone: only labels are looked up by another. (Source: OpenCTI, utils/filtering, `checkAndConvertFilters`.)
    case 'createdBy':
      return one.createdBy === null ? [] : [references.identity(one.createdBy)?.internalId ?? ''];
    default:
      throw unsupported('Incorrect filter keys not existing in any schema definition');
  }
}
