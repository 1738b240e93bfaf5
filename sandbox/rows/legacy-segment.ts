import { member } from '../logs/kql/json-member.ts';
import { toDynamic, toText, type Value } from '../logs/kql/value.ts';
import { THREAT_INTEL_INDICATORS, THREAT_INTELLIGENCE_INDICATOR } from './columns.ts';
import type { Segment } from './segment.ts';

type Read = (column: string) => Value;

const NEW_COLUMNS = new Map<string, number>(THREAT_INTEL_INDICATORS.columns.map(({ name }, index) => [name, index]));

/** The same rows as the retired table had them. */
export function createLegacySegment(segment: Segment): Segment {
  const columns = THREAT_INTELLIGENCE_INDICATOR.columns.map(({ name, type }) => ({ name, type }));
  return {
    get length() {
      return segment.length;
    },
    fixed: segment.fixed,
    ingestedAt: (row) => segment.ingestedAt(row),
    cell(row, column) {
      const wanted = columns[column];
      if (wanted === undefined) return null;
      const value = legacyCell(wanted.name, (name) => segment.cell(row, NEW_COLUMNS.get(name) ?? -1));
      return value === null && wanted.type === 'string' ? '' : value;
    },
  };
}

/** The observable goes into the column of its kind. */
const KEYS_OF_COLUMNS: Readonly<Record<string, readonly string[]>> = {
  NetworkIP: ['ipv4-addr:value', 'ipv6-addr:value'],
  DomainName: ['domain-name:value'],
  Url: ['url:value'],
  EmailSenderAddress: ['email-addr:value'],
  FileHashValue: ['file:hashes.MD5', "file:hashes.'SHA-1'", "file:hashes.'SHA-256'"],
};

function legacyCell(column: string, read: Read): Value {
  const keys = KEYS_OF_COLUMNS[column];
  if (keys !== undefined) return keys.includes(toText(read('ObservableKey'))) ? read('ObservableValue') : '';
  switch (column) {
    case 'FileHashType':
      return /^file:hashes\.'?([A-Z0-9-]+)'?$/.exec(toText(read('ObservableKey')))?.[1] ?? '';
    case 'IndicatorId':
      return toText(read('Id')).split('---')[1] ?? '';
    case 'ThreatType':
      return toText(member(member(data(read), 'indicator_types'), 0));
    case 'Description':
      return toText(member(data(read), 'description'));
    case 'TrafficLightProtocolLevel':
      return TLP_NAMES[toText(member(member(data(read), 'object_marking_refs'), 0))] ?? '';
    case 'ConfidenceScore':
      return read('Confidence');
    case 'ExpirationDateTime':
      return read('ValidUntil');
    case 'Active':
      return read('IsActive') !== false && read('Revoked') !== true && read('IsDeleted') !== true;
    case 'Action':
      return read('LastUpdateMethod') === 'LogARepublisher' ? 'LogARepublisher' : 'alert';
    case 'Type':
      return THREAT_INTELLIGENCE_INDICATOR.name;
    default:
      return read(column);
  }
}

function data(read: Read): Value {
  return toDynamic(read('Data'));
}

const TLP_NAMES: Readonly<Record<string, string>> = {
  'marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9': 'white',
  'marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da': 'green',
  'marking-definition--f88d31f6-486f-44da-b317-01333bde0b82': 'amber',
  'marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed': 'red',
};
