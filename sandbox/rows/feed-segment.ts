import { createHash } from 'node:crypto';
import { parseDatetime } from '../logs/kql/time.ts';
import type { Json, Value } from '../logs/kql/value.ts';
import { THREAT_INTEL_INDICATORS } from './columns.ts';
import type { FeedLine } from './feed.ts';
import { createIngestionClock, type Interval } from './ingestion-clock.ts';
import { OBSERVABLE_KEYS, observableType, patternOf } from './observable.ts';
import { wholeSecond } from './second-text.ts';
import type { Segment } from './segment.ts';
import { WORKSPACE_CELLS } from './workspace-cells.ts';

export interface FeedRows {
  readonly lines: readonly FeedLine[];
  /** Milliseconds since 1970: the indicators are valid from then, for 90 days. */
  readonly epoch: number;
  readonly ingested: Interval;
  /** Written again by the service: the same content, a fresh TimeGenerated. */
  readonly republished: boolean;
}

const SOURCE_SYSTEM = 'Microsoft Defender Threat Intelligence';
const VALID_FOR_MS = 90 * 86_400_000;

/** Each line as one row, also when its type is not known: the row then says so in its ObservableKey. */
export function createFeedSegment({ lines, epoch, ingested, republished }: FeedRows): Segment {
  const clock = createIngestionClock(ingested, lines.length);
  const names = THREAT_INTEL_INDICATORS.columns.map(({ name }) => name);
  return {
    length: lines.length,
    fixed: true,
    ingestedAt: (row) => clock(row),
    cell(row, column) {
      const name = names[column] ?? '';
      const line = lines[row];
      if (line === undefined) return null;
      if (name === 'TimeGenerated') return clock(row);
      if (name === 'LastUpdateMethod') return republished ? 'LogARepublisher' : 'DataConnector';
      return feedCell(line, epoch, name);
    },
  };
}

function feedCell(line: FeedLine, epoch: number, column: string): Value {
  switch (column) {
    case 'Id':
      return `${Buffer.from(SOURCE_SYSTEM).toString('base64')}---${stixId(line)}`;
    case 'SourceSystem':
      return SOURCE_SYSTEM;
    case 'IsDeleted':
    case 'Revoked':
      return false;
    case 'IsActive':
      return true;
    case 'ValidFrom':
    case 'Created':
      return parseDatetime(line.firstPublished) ?? wholeSecond(epoch);
    case 'Modified':
      return wholeSecond(epoch);
    case 'ValidUntil':
      return wholeSecond(epoch + VALID_FOR_MS);
    case 'Tags':
      return line.campaign;
    case 'Confidence':
      return 80;
    case 'Pattern':
      return line.value === '' ? '' : patternOf([{ key: keyOf(line), value: line.value }]);
    case 'ObservableKey':
      return keyOf(line);
    case 'ObservableValue':
      return line.value;
    case 'Data':
      return stixObject(line, epoch);
    default:
      return WORKSPACE_CELLS[column] ?? null;
  }
}

function keyOf({ type, value }: FeedLine): string {
  const known = observableType(type);
  if (known === null) return `${type}:value`;
  return OBSERVABLE_KEYS[known === 'ip' ? (value.includes(':') ? 'ipv6' : 'ipv4') : known];
}

/** Derived, so that the same line is the same indicator in every run. */
function stixId({ type, value }: FeedLine): string {
  const digits = createHash('sha256').update(`${type} ${value}`).digest('hex');
  return `indicator--${digits.slice(0, 8)}-${digits.slice(8, 12)}-5${digits.slice(13, 16)}-8${digits.slice(17, 20)}-${digits.slice(20, 32)}`;
}

function stixObject(line: FeedLine, epoch: number): Json {
  return {
    type: 'indicator',
    spec_version: '2.1',
    id: stixId(line),
    name: line.campaign === '' ? 'Published indicator' : `Campaign ${line.campaign}`,
    description: line.campaign === '' ? '' : `Published as part of ${line.campaign}`,
    indicator_types: ['malicious-activity'],
    labels: line.campaign === '' ? [] : [line.campaign],
    pattern_type: 'stix',
    valid_from: wholeSecond(epoch),
    valid_until: wholeSecond(epoch + VALID_FOR_MS),
  };
}
