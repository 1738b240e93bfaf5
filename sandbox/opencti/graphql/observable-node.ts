import { markingInternalId } from '../markings.ts';
import type { Observable } from '../observable.ts';
import type { Observables } from '../observables.ts';
import type { References } from '../references.ts';
import { identityNode, markingNode } from './indicator-node.ts';

/** What an observable is shown by. */
export interface Known {
  readonly observables: Observables;
  readonly references: References;
}

/** An observable as GraphQL shows it. */
export function observableNode(one: Observable, { observables, references }: Known): Readonly<Record<string, unknown>> {
  const author = one.createdBy === null ? null : references.identity(one.createdBy);
  return {
    id: one.internalId,
    standard_id: one.standardId,
    entity_type: one.type,
    created_at: new Date(one.createdAt).toISOString(),
    updated_at: new Date(one.updatedAt).toISOString(),
    createdBy: author === null ? null : identityNode(author),
    objectMarking: one.markings.flatMap((id) => markingNode(id, references)),
    objectLabel: one.labels.flatMap((id) => {
      const label = observables.labels.get(id);
      return label === null ? [] : [{ id, value: label.value, color: '#ffffff' }];
    }),
    x_opencti_score: one.score,
    x_opencti_description: null,
    observable_value: one.value,
  };
}

/** What a filter compares with. (Source: OpenCTI, utils/filtering.) Null for a key that there is not. */
export function observableValues(
  one: Observable,
  key: string,
  { observables, references }: Known,
): readonly string[] | null {
  switch (key) {
    case 'ids':
      return [one.internalId, one.standardId];
    case 'id':
    case 'internal_id':
      return [one.internalId];
    case 'standard_id':
      return [one.standardId];
    case 'entity_type':
      return [one.type];
    case 'value':
      return one.type === 'StixFile' ? [] : [one.value];
    case 'x_opencti_score':
      return one.score === null ? [] : [String(one.score)];
    case 'created_at':
      return [new Date(one.createdAt).toISOString()];
    case 'updated_at':
      return [new Date(one.updatedAt).toISOString()];
    case 'objectLabel':
      return one.labels.flatMap((id) => [id, observables.labels.get(id)?.value ?? id]);
    case 'objectMarking':
      return one.markings.flatMap((id) => {
        const marking = references.marking(id);
        return marking === null ? [] : [markingInternalId(marking)];
      });
    case 'createdBy':
      return one.createdBy === null ? [] : [references.identity(one.createdBy)?.internalId ?? ''];
    default:
      return null;
  }
}
