import { type Json, toText, type Value } from '../logs/kql/value.ts';
import { generatedObservable } from './generated-observable.ts';
import { type Observable, patternOf } from './observable.ts';
import { pick, random, uuid } from './random.ts';
import { idRow, observableRows, type Role, roleOf, valueRow } from './roles.ts';
import { wholeSecond } from './second-text.ts';
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

/** How a column is computed from the number of a row. */
type Cells = Readonly<Record<string, (row: number) => Value>>;

/** The cells by column; the columns of time and of republishing are the segment's, those left out are null. */
export function createGeneratedCells(content: GeneratedContent): Cells {
  const { seed, epoch } = content;
  const startOf = (row: number): string =>
    wholeSecond(epoch - DAY - (random(seed, idRow(row), 20) % (60 * 86_400)) * SECOND);
  const endOf = (row: number): string => {
    const days = 10 + (random(seed, idRow(row), 22) % 110);
    return wholeSecond(roleOf(row) === 'expired' ? epoch - DAY : epoch + days * DAY);
  };
  const cells: Cells = {
    Id: (row) => `${FEED_NAMES.get(sourceSystem(seed, idRow(row))) ?? ''}---${stixId(seed, idRow(row))}`,
    SourceSystem: (row) => sourceSystem(seed, idRow(row)),
    IsDeleted: (row) => roleOf(row) === 'deleted',
    IsActive: (row) => roleOf(row) !== 'inactive',
    Revoked: (row) => roleOf(row) === 'revoked',
    ValidFrom: startOf,
    Created: startOf,
    Modified: (row) => wholeSecond(epoch - (random(seed, idRow(row), 21) % 86_400) * SECOND),
    ValidUntil: endOf,
    Tags: (row) => tags(seed, idRow(row)),
    Confidence: (row) => confidence(seed, idRow(row)),
    Pattern: (row) => patternOf(observableRows(row).map((each) => written(seed, each, row))),
    ObservableKey: (row) => (roleOf(row) === 'unparsed' ? '' : written(seed, valueRow(row), row).key),
    ObservableValue: (row) => (roleOf(row) === 'unparsed' ? '' : written(seed, valueRow(row), row).value),
    Data: (row) => dataCell(seed, row, cells),
    ...Object.fromEntries(Object.entries(WORKSPACE_CELLS).map(([column, text]) => [column, () => text])),
  };
  return cells;
}

/** The name of the feed as an Id starts with it. */
const FEED_NAMES = new Map(SOURCE_SYSTEMS.map((name) => [name, Buffer.from(name).toString('base64')]));

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

const SPELLINGS: Partial<Record<Role, (domain: string) => string>> = {
  'upper-case': (domain) => domain.toUpperCase(),
  'trailing-dot': (domain) => `${domain}.`,
  defanged: (domain) => domain.replaceAll('.', '[.]'),
};

/** The observable as the row writes it: not always in its plain form. */
function written(seed: number, value: number, row: number): Observable {
  const role = roleOf(row);
  if (role === 'private-address') {
    return { key: 'ipv4-addr:value', value: `192.168.${random(seed, row, 28) % 256}.${random(seed, row, 29) % 256}` };
  }
  if (role === 'nonsense-value') return { key: 'ipv4-addr:value', value: `no address ${row}` };
  if (role === 'unknown-key') return { key: 'x-made-up:thing', value: `thing-${row}` };
  const spell = SPELLINGS[role];
  if (spell === undefined) return generatedObservable(seed, value);
  const plain = generatedObservable(seed, value, 'domain');
  return { key: plain.key, value: spell(plain.value) };
}

function dataCell(seed: number, row: number, cells: Cells): Json {
  const role = roleOf(row);
  if (role === 'data-missing') return null;
  const data = stixObject(seed, row, cells);
  return role === 'data-as-text' ? JSON.stringify(data) : data;
}

function stixObject(seed: number, row: number, cells: Cells): { readonly [name: string]: Json } {
  const id = idRow(row);
  const { types, label, name } = theme(seed, id);
  const text = (column: string): string => toText(cells[column]?.(row) ?? null);
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
    confidence: confidence(seed, id),
    object_marking_refs: [marking(random(seed, id, 31) % 100)],
  };
}

function confidence(seed: number, id: number): number {
  return 40 + (random(seed, id, 23) % 13) * 5;
}

function marking(percent: number): string {
  if (percent < 2) return MARKINGS.red;
  if (percent < 27) return MARKINGS.amber;
  return percent < 87 ? MARKINGS.green : MARKINGS.clear;
}
