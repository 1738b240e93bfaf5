import type { Indicator } from '../indicator.ts';
import type { Identity, References } from '../references.ts';
import { standardId } from '../standard-id.ts';

/** An indicator as GraphQL shows it. */
export function indicatorNode(one: Indicator, references: References): Readonly<Record<string, unknown>> {
  const author = one.createdBy === null ? null : references.identity(one.createdBy);
  return {
    id: one.internalId,
    standard_id: one.standardId,
    entity_type: 'Indicator',
    parent_types: ['Basic-Object', 'Stix-Object', 'Stix-Core-Object', 'Stix-Domain-Object'],
    spec_version: '2.1',
    x_opencti_stix_ids: one.stixIds,
    created_at: date(one.createdAt),
    updated_at: date(one.updatedAt),
    created: date(one.created),
    modified: date(one.updatedAt),
    createdBy: author === null ? null : identityNode(author),
    objectMarking: one.markings.flatMap((id) => markingNode(id, references)),
    objectLabel: one.labels.map((value) => ({ id: standardId('label', { value }), value, color: '#ffffff' })),
    revoked: one.revoked,
    confidence: one.confidence,
    lang: 'en',
    pattern_type: one.patternType,
    pattern_version: null,
    pattern: one.pattern,
    name: one.name,
    description: one.description,
    indicator_types: one.indicatorTypes,
    valid_from: date(one.validFrom),
    valid_until: date(one.validUntil),
    x_opencti_score: one.score,
    x_opencti_detection: one.detection,
    x_opencti_main_observable_type: one.mainObservableType,
    decay_base_score: one.decay?.baseScore ?? null,
    decay_base_score_date: one.decay === null ? null : date(one.decay.baseScoreDate),
  };
}

/** An identity as GraphQL shows it. */
export function identityNode(one: Identity): Readonly<Record<string, unknown>> {
  return {
    id: one.internalId,
    standard_id: one.standardId,
    entity_type: 'Organization',
    name: one.name,
    identity_class: one.identityClass,
  };
}

/** None where the marking is not known. */
export function markingNode(id: string, references: References): Readonly<Record<string, unknown>>[] {
  const marking = references.marking(id);
  if (marking === null) return [];
  const { standardId: standard, definitionType, definition, order } = marking;
  return [
    {
      id: standard,
      standard_id: standard,
      entity_type: 'Marking-Definition',
      definition_type: definitionType,
      definition,
      x_opencti_order: order,
      x_opencti_color: '#ffffff',
    },
  ];
}

function date(at: number): string {
  return new Date(at).toISOString();
}
