import { type Json, toText, type Value } from '../logs/kql/value.ts';
import { generatedObservable } from './generated-observable.ts';
import { type Observable, patternOf } from './observable.ts';
import { pick, random, uuid } from './random.ts';
import { idRow, observableRows, roleOf, valueRow } from './roles.ts';
import { WORKSPACE_CELLS } from './workspace-cells.ts';

/** What decides the content of a generated row; when it is ingested does not. */
export interface GeneratedContent {
  readonly seed: number;
  /** Milliseconds since 1970: what the dates in the content are near to. */
  readonly epoch: number;
}

const SOURCE_SYSTEMS = [
  ...Array<string>(7).fill('Microsoft Defender Threat Intelligence'),
  ...Array<string>(2).fill('Premium Microsoft Defender Threat Intelligence'),
  'Microsoft Emerging Threat Feed',
];

interface Theme {
  readonly types: readonly string[];
  readonly label: string;
  readonly name: string;
}
const THEMES: readonly [Theme, ...Theme[]] = [
  { types: ['malicious-activity'], label: 'malware', name: 'Malware distribution' },
  { types: ['malicious-activity'], label: 'phishing', name: 'Credential phishing' },
  { types: ['malicious-activity'], label: 'c2', name: 'Command and control' },
  { types: ['compromised'], label: 'compromised', name: 'Compromised infrastructure' },
  { types: ['anomalous-activity'], label: 'scanning', name: 'Scanning' },
  { types: ['attribution'], label: 'apt', name: 'Activity of a state actor' },
  { types: ['malicious-activity'], label: 'cryptomining', name: 'Coin mining' },
];

/** STIX ids of TLP clear, green, amber, red (see OASIS's TLP 2.0 markings and STIX 2.1 section 7.2.1.4). */
const MARKINGS = {
  clear: 'marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9',
  green: 'marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da',
  amber: 'marking-definition--f88d31f6-486f-44da-b317-01333bde0b82',
  red: 'marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed',
};

const SECOND = 1_000;
const DAY = 86_400 * SECOND;

/** The cells of row `row`, by column name. The ones of time and of republishing are the segment's. */
export function generatedCell(content: GeneratedContent, row: number, column: string): Value {
  const { seed, epoch } = content;
  const id = idRow(row);
  const role = roleOf(row);
  switch (column) {
    case 'Id':
      return `${Buffer.from(sourceSystem(seed, id)).toString('base64')}---${stixId(seed, id)}`;
    case 'SourceSystem':
      return sourceSystem(seed, id);
    case 'IsDeleted':
      return role === 'deleted';
    case 'IsActive':
      return role !== 'inactive';
    case 'Revoked':
      return role === 'revoked';
    case 'ValidFrom':
    case 'Created':
      return time(epoch - DAY - (random(seed, id, 20) % (60 * 86_400)) * SECOND);
    case 'Modified':
      return time(epoch - (random(seed, id, 21) % 86_400) * SECOND);
    case 'ValidUntil':
      return time(role === 'expired' ? epoch - DAY : epoch + (10 + (random(seed, id, 22) % 110)) * DAY);
    case 'Tags':
      return tags(seed, id);
    case 'Confidence':
      return 40 + (random(seed, id, 23) % 13) * 5;
    case 'Pattern':
      return patternOf(observableRows(row).map((each) => written(seed, each, row)));
    case 'ObservableKey':
      return role === 'unparsed' ? '' : written(seed, valueRow(row), row).key;
    case 'ObservableValue':
      return role === 'unparsed' ? '' : written(seed, valueRow(row), row).value;
    case 'Data':
      return dataCell(content, row);
    default:
      return WORKSPACE_CELLS[column] ?? null;
  }
}

function sourceSystem(seed: number, id: number): string {
  return SOURCE_SYSTEMS[random(seed, id, 24) % SOURCE_SYSTEMS.length] ?? '';
}

function stixId(seed: number, id: number): string {
  return `indicator--${uuid(seed, id, 25)}`;
}

function theme(seed: number, id: number): Theme {
  return pick(THEMES, random(seed, id, 26));
}

function tags(seed: number, id: number): string {
  const group = random(seed, id, 27);
  return group % 3 === 0 ? '' : `activitygroup:storm-${1_000 + (group % 2_000)},type:${theme(seed, id).label}`;
}

/** The observable as the row writes it: not always in its plain form. */
function written(seed: number, value: number, row: number): Observable {
  switch (roleOf(row)) {
    case 'private-address':
      return { key: 'ipv4-addr:value', value: `192.168.${random(seed, row, 28) % 256}.${random(seed, row, 29) % 256}` };
    case 'upper-case': {
      const { key, value: plain } = generatedObservable(seed, value, 'domain');
      return { key, value: plain.toUpperCase() };
    }
    case 'trailing-dot': {
      const { key, value: plain } = generatedObservable(seed, value, 'domain');
      return { key, value: `${plain}.` };
    }
    case 'defanged': {
      const { key, value: plain } = generatedObservable(seed, value, 'domain');
      return { key, value: plain.replaceAll('.', '[.]') };
    }
    case 'nonsense-value':
      return { key: 'ipv4-addr:value', value: `no address ${row}` };
    case 'unknown-key':
      return { key: 'x-made-up:thing', value: `thing-${row}` };
    default:
      return generatedObservable(seed, value);
  }
}

function dataCell(content: GeneratedContent, row: number): Json {
  const role = roleOf(row);
  if (role === 'data-missing') return null;
  const data = stixObject(content, row);
  return role === 'data-as-text' ? JSON.stringify(data) : data;
}

function stixObject(content: GeneratedContent, row: number): { readonly [name: string]: Json } {
  const { seed } = content;
  const id = idRow(row);
  const { types, label, name } = theme(seed, id);
  const text = (column: string): string => toText(generatedCell(content, row, column));
  return {
    type: 'indicator',
    spec_version: '2.1',
    id: stixId(seed, id),
    created: text('Created'),
    modified: text('Modified'),
    name,
    description: `${name}, seen in campaign ${random(seed, id, 30) % 10_000}`,
    indicator_types: types,
    labels: [label],
    pattern: text('Pattern'),
    pattern_type: 'stix',
    valid_from: text('ValidFrom'),
    valid_until: text('ValidUntil'),
    confidence: Number(text('Confidence')),
    object_marking_refs: [marking(random(seed, id, 31) % 100)],
  };
}

function marking(percent: number): string {
  if (percent < 2) return MARKINGS.red;
  if (percent < 27) return MARKINGS.amber;
  return percent < 87 ? MARKINGS.green : MARKINGS.clear;
}

function time(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}.0000000Z`;
}
