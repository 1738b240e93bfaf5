export interface FieldShape {
  /** As it is written in a schema: `[IndicatorEdge]`. */
  readonly type: string;
  readonly args: Readonly<Record<string, string>>;
}

type Shape = ReadonlyMap<string, FieldShape>;

/** Of a list. */
const LIST = {
  first: 'Int',
  after: 'ID',
  orderMode: 'OrderingMode',
  filters: 'FilterGroup',
  search: 'String',
} as const;
const CONNECTED = ['StixCyberObservable', 'Label', 'MarkingDefinition', 'Identity', 'Note'] as const;

/** What the stand-in answers of OpenCTI's schema. (Source: OpenCTI, config/schema/opencti.graphql; modules/indicator/indicator.graphql; pycti, indicator properties.) */
export const SCHEMA: ReadonlyMap<string, Shape> = new Map<string, Shape>([
  [
    'Query',
    new Map<string, FieldShape>([
      field('about', 'AppInfo'),
      field('me', 'MeUser'),
      field('identity', 'Identity', { id: 'String!' }),
      field('indicator', 'Indicator', { id: 'String!' }),
      field('indicators', 'IndicatorConnection', {
        first: 'Int',
        after: 'ID',
        orderBy: 'IndicatorsOrdering',
        orderMode: 'OrderingMode',
        filters: 'FilterGroup',
        search: 'String',
        toStix: 'Boolean',
      }),
      field('stixCyberObservables', 'StixCyberObservableConnection', {
        first: 'Int',
        after: 'ID',
        types: '[String]',
        orderBy: 'StixCyberObservablesOrdering',
        orderMode: 'OrderingMode',
        filters: 'FilterGroup',
        search: 'String',
        toStix: 'Boolean',
      }),
      field('labels', 'LabelConnection', LIST),
      field('markingDefinitions', 'MarkingDefinitionConnection', LIST),
      field('identities', 'IdentityConnection', { ...LIST, types: '[String]' }),
      field('notes', 'NoteConnection', LIST),
    ]),
  ],
  [
    'Mutation',
    new Map<string, FieldShape>([
      field('stixCyberObservableEdit', 'StixCyberObservableEditMutations', { id: 'ID!' }),
      field('labelAdd', 'Label', { input: 'LabelAddInput!' }),
      field('noteAdd', 'Note', { input: 'NoteAddInput!' }),
    ]),
  ],
  [
    'StixCyberObservableEditMutations',
    new Map<string, FieldShape>([
      field('fieldPatch', 'StixCyberObservable', { input: '[EditInput]!' }),
      field('relationAdd', 'StixRefRelationship', { input: 'StixRefRelationshipAddInput!' }),
      field('relationsAdd', 'StixCyberObservable', { input: 'StixRefRelationshipsAddInput!' }),
      field('relationDelete', 'StixCyberObservable', { toId: 'StixRef!', relationship_type: 'String!' }),
    ]),
  ],
  ['Subscription', new Map<string, FieldShape>()],
  ['AppInfo', shape({ version: 'String!' })],
  [
    'MeUser',
    shape({
      id: 'ID!',
      name: 'String!',
      user_email: 'String!',
      capabilities: '[Capability!]!',
      effective_confidence_level: 'EffectiveConfidenceLevel',
    }),
  ],
  ['Capability', shape({ id: 'ID!', name: 'String!' })],
  ['EffectiveConfidenceLevel', shape({ max_confidence: 'Int!' })],
  ['IndicatorConnection', shape({ pageInfo: 'PageInfo!', edges: '[IndicatorEdge!]!' })],
  [
    'PageInfo',
    shape({
      startCursor: 'String!',
      endCursor: 'String!',
      hasNextPage: 'Boolean!',
      hasPreviousPage: 'Boolean!',
      globalCount: 'Int!',
    }),
  ],
  ['IndicatorEdge', shape({ cursor: 'String!', node: 'Indicator!' })],
  [
    'Indicator',
    shape({
      id: 'ID!',
      standard_id: 'String!',
      entity_type: 'String!',
      parent_types: '[String!]!',
      spec_version: 'String!',
      x_opencti_stix_ids: '[StixId]',
      created_at: 'DateTime!',
      updated_at: 'DateTime!',
      created: 'DateTime',
      modified: 'DateTime',
      createdBy: 'Identity',
      objectMarking: '[MarkingDefinition!]',
      objectLabel: '[Label!]',
      revoked: 'Boolean!',
      confidence: 'Int',
      lang: 'String',
      pattern_type: 'String',
      pattern_version: 'String',
      pattern: 'String',
      name: 'String!',
      description: 'String',
      indicator_types: '[String!]',
      valid_from: 'DateTime',
      valid_until: 'DateTime',
      x_opencti_score: 'Int',
      x_opencti_detection: 'Boolean',
      x_opencti_main_observable_type: 'String',
      decay_base_score: 'Int',
      decay_base_score_date: 'DateTime',
    }),
  ],
  [
    'Identity',
    shape({ id: 'ID!', standard_id: 'String!', entity_type: 'String!', name: 'String!', identity_class: 'String!' }),
  ],
  [
    'MarkingDefinition',
    shape({
      id: 'ID!',
      standard_id: 'String!',
      entity_type: 'String!',
      definition_type: 'String',
      definition: 'String',
      x_opencti_order: 'Int!',
      x_opencti_color: 'String',
    }),
  ],
  ...CONNECTED.flatMap((type): [string, Shape][] => [
    [`${type}Connection`, shape({ pageInfo: 'PageInfo!', edges: `[${type}Edge!]!` })],
    [`${type}Edge`, shape({ cursor: 'String!', node: `${type}!` })],
  ]),
  [
    'StixCyberObservable',
    shape({
      id: 'ID!',
      standard_id: 'String!',
      entity_type: 'String!',
      created_at: 'DateTime!',
      updated_at: 'DateTime!',
      createdBy: 'Identity',
      objectMarking: '[MarkingDefinition!]',
      objectLabel: '[Label!]',
      x_opencti_score: 'Int',
      x_opencti_description: 'String',
      observable_value: 'String!',
    }),
  ],
  ['StixRefRelationship', shape({ id: 'ID!', relationship_type: 'String!' })],
  ['Note', shape({ id: 'ID!', entity_type: 'String!', content: 'String!', objectMarking: '[MarkingDefinition!]' })],
  ['Label', shape({ id: 'ID!', value: 'String', color: 'String' })],
]);

/** Fragments on these apply to whatever has them too. */
export const INTERFACES: ReadonlyMap<string, readonly string[]> = new Map([
  ['Indicator', ['BasicObject', 'StixObject', 'StixCoreObject', 'StixDomainObject']],
]);

/** `[IndicatorEdge!]!` is of `IndicatorEdge`. */
export function namedType(type: string): string {
  return type.replace(/[[\]!]/g, '');
}

function field(name: string, type: string, args: Readonly<Record<string, string>> = {}): [string, FieldShape] {
  return [name, { type, args }];
}

function shape(types: Readonly<Record<string, string>>): Shape {
  return new Map(Object.entries(types).map(([name, type]) => field(name, type)));
}
