import { instantLiteral, stringLiteral } from '../azure/kql-literals.ts';
import type { Slice, Window } from '../indicators/window.ts';
import type { SentinelSource } from './sentinel-reader.ts';

/** What a query needs to know of a source. */
export type QuerySource = Pick<SentinelSource, 'table' | 'sourceSystems'>;

/**
 * How many rows came in, before they are reduced, in a window or a slice of one, and what the service's clock shows. One row:
 * `Count`, `Clock`.
 */
export function countQuery(source: QuerySource, part: Window | Slice): string {
  const slice = 'bucket' in part ? sliced(source, part) : [];
  return lines([...from(source, part), ...slice, 'count', 'extend Clock = tostring(now())']);
}

/** How many rows came in, and how many of those rows are about hosts. One row: `Rows`, `Hosts`. */
export function estimateQuery(source: QuerySource, window: Window): string {
  const isHost =
    source.table === 'ThreatIntelIndicators'
      ? 'ObservableKey in ("ipv4-addr:value", "ipv6-addr:value", "domain-name:value")'
      : 'isnotempty(NetworkIP) or isnotempty(NetworkSourceIP) or isnotempty(NetworkDestinationIP) or isnotempty(DomainName)';
  return lines([...from(source, window), `summarize Rows = count(), Hosts = countif(${isHost})`]);
}

/**
 * The slice's rows, reduced to the newest of each (Id, ObservableKey, ObservableValue), with the same columns for both tables.
 * Deleted and revoked rows are among them: to leave them out before `arg_max` would bring back the row that they replaced.
 * Rows whose pattern Sentinel could not parse have no observable, so those are told apart by their pattern.
 */
export function rowsQuery(source: QuerySource, slice: Slice): string {
  return source.table === 'ThreatIntelIndicators' ? currentRows(source, slice) : legacyRows(source, slice);
}

function currentRows(source: QuerySource, slice: Slice): string {
  return lines([
    ...from(source, slice),
    ...sliced(source, slice),
    'summarize arg_max(TimeGenerated, *) by Id, ObservableKey, ObservableValue, P = iff(isempty(ObservableValue), Pattern, "")',
    // A workspace may have dropped Data by a transformation, and an export may have made it a string.
    'extend D = parse_json(tostring(column_ifexists("Data", dynamic(null))))',
    project([
      'Id',
      'SourceSystem',
      'ObservableKey',
      'ObservableValue',
      'Pattern',
      ...TIMES.map(asText),
      'Confidence',
      asText('Tags'),
      'IsActive',
      'IsDeleted',
      'Revoked',
      'ThreatTypes = tostring(D.indicator_types)',
      'Name = tostring(D.name)',
      'Description = tostring(D.description)',
      'Markings = tostring(D.object_marking_refs)',
      'Labels = tostring(D.labels)',
      'LastUpdateMethod',
    ]),
  ]);
}

/** Times leave as text: the SDK makes dates of them, and a date has three of their seven digits. */
const TIMES = ['TimeGenerated', 'Modified', 'ValidFrom', 'ValidUntil'] as const;

/**
 * The legacy table has a column for each kind of observable, no pattern, and no deletion or revocation.
 * Columns: github.com/Azure/Azure-Sentinel, CustomTables/ThreatIntelligenceIndicator.json.
 */
function legacyRows(source: QuerySource, slice: Slice): string {
  return lines([
    ...from(source, slice),
    ...sliced(source, slice),
    'summarize arg_max(TimeGenerated, *) by IndicatorId, ObservableKey, ObservableValue',
    project([
      'Id = IndicatorId',
      'SourceSystem',
      'ObservableKey',
      'ObservableValue',
      'Pattern = ""',
      asText('TimeGenerated'),
      'Modified = ""',
      'ValidFrom = ""',
      'ValidUntil = tostring(ExpirationDateTime)',
      'Confidence = ConfidenceScore',
      asText('Tags'),
      'IsActive = Active',
      'IsDeleted = bool(null)',
      'Revoked = bool(null)',
      'ThreatTypes = ThreatType',
      'Name = ""',
      'Description',
      'Markings = TrafficLightProtocolLevel',
      'Labels = ""',
      'LastUpdateMethod = ""',
    ]),
  ]);
}

interface LegacyObservable {
  readonly column: string;
  /** A KQL expression. */
  readonly key: string;
}

/** In the order of preference. An IPv6 address has an IPv4 key here: its form tells it from one. */
const LEGACY_OBSERVABLES: readonly LegacyObservable[] = [
  { column: 'NetworkIP', key: '"ipv4-addr:value"' },
  { column: 'NetworkSourceIP', key: '"network-traffic:src_ref.value"' },
  { column: 'NetworkDestinationIP', key: '"network-traffic:dst_ref.value"' },
  { column: 'DomainName', key: '"domain-name:value"' },
  { column: 'Url', key: '"url:value"' },
  { column: 'FileHashValue', key: `strcat("file:hashes.'", FileHashType, "'")` },
  { column: 'EmailSenderAddress', key: '"email-addr:value"' },
];

function firstFilled(of: (observable: LegacyObservable) => string): string {
  const cases = LEGACY_OBSERVABLES.map((observable) => `isnotempty(${observable.column}), ${of(observable)}`);
  return `case(${cases.join(', ')}, "")`;
}

function from({ table, sourceSystems }: QuerySource, window: Window): readonly string[] {
  const begin = instantLiteral(window.from);
  const end = instantLiteral(window.to);
  return [
    table,
    `where ingestion_time() >= ${begin} and ingestion_time() < ${end}`,
    `where SourceSystem in (${sourceSystems.map(stringLiteral).join(', ')})`,
  ];
}

/** The rows of the slice's bucket: all rows of one value fall into one, so that they are merged in one go. */
function sliced({ table }: QuerySource, slice: Slice): readonly string[] {
  if (table === 'ThreatIntelIndicators')
    return bucketOf(slice, 'iff(isempty(ObservableValue), Pattern, ObservableValue)');
  return [
    `extend ObservableKey = ${firstFilled(({ key }) => key)}`,
    `extend ObservableValue = ${firstFilled(({ column }) => column)}`,
    ...bucketOf(slice, 'iff(isempty(ObservableValue), IndicatorId, ObservableValue)'),
  ];
}

function bucketOf({ bucket, buckets }: Slice, expression: string): readonly string[] {
  if (buckets === 1) return [];
  if (!Number.isSafeInteger(bucket) || !Number.isSafeInteger(buckets) || bucket < 0 || bucket >= buckets) {
    throw new RangeError(`There is no bucket ${bucket} of ${buckets}.`);
  }
  return [`where hash(tolower(${expression}), ${buckets}) == ${bucket}`];
}

function asText(column: string): string {
  return `${column} = tostring(${column})`;
}

function project(columns: readonly string[]): string {
  return `project ${columns.join(', ')}`;
}

function lines(steps: readonly string[]): string {
  return steps.join('\n| ');
}
