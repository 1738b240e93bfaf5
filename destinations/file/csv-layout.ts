import type { IndicatorKey, Tlp } from '../../indicators/indicator.ts';
import { indicatorId } from '../../indicators/stix-ids.ts';
import { stixPattern } from '../../indicators/stix-observable.ts';
import { describedBy, labelsOf } from '../../indicators/stix-reputation.ts';
import { realBeginning, stixTime } from '../../indicators/stix-time.ts';
import { csvRow } from '../csv-row.ts';
import type { FileForm } from './form.ts';
import type { Layout } from './layout.ts';
import { withdrawnAt } from './version.ts';

const COLUMNS = [
  'id',
  'type',
  'value',
  'status',
  'threat',
  'confidence',
  'score',
  'tlp',
  'valid_from',
  'valid_until',
  'created',
  'modified',
  'tags',
  'description',
  'sources',
] as const;
type Row = Readonly<Record<(typeof COLUMNS)[number], string>>;

/** What a spreadsheet takes for the beginning of a formula. (Source: OWASP, CSV injection.) */
const FORMULA = /^[=+\-@\t\r]/;

interface CsvSettings {
  readonly namespace: string;
  readonly tlpDefault: Tlp;
  /** A cell that a spreadsheet would take for a formula begins with an apostrophe. Never for programs: to them it is part of the value. */
  readonly isForSpreadsheets: boolean;
}

/** CSV by RFC 4180, in UTF-8 without a byte order mark: a header, and a row for each version of each indicator. */
export function csvLayout({ namespace, tlpDefault, isForSpreadsheets }: CsvSettings): Layout {
  const textOf = (row: Row): string => {
    const cells = COLUMNS.map((name) => row[name]);
    return csvRow(isForSpreadsheets ? cells.map((cell) => (FORMULA.test(cell) ? `'${cell}` : cell)) : cells);
  };
  const withdrawn = (key: IndicatorKey, form: FileForm): string =>
    textOf({
      ...known(key, form, namespace),
      status: 'withdrawn',
      modified: withdrawnAt(form.modified),
      confidence: '',
      score: '',
      valid_until: '',
      tags: '',
      description: '',
      sources: '',
    });
  const file = (rows: readonly string[]): string => [COLUMNS.join(','), ...rows, ''].join('\r\n');
  return {
    extension: '.csv',
    standing({ indicator, verdict }, form) {
      const { facts, sources, key } = indicator;
      const validFrom = realBeginning(facts.validFrom);
      const shown = {
        status: 'active',
        type: key.type,
        value: key.value,
        threat: facts.threat,
        confidence: facts.confidence === null ? '' : String(facts.confidence),
        score: verdict.kind === 'scored' ? String(verdict.score) : '',
        tlp: facts.tlp ?? tlpDefault,
        valid_from: validFrom === null ? '' : stixTime(validFrom),
        valid_until: facts.validUntil === null ? '' : stixTime(facts.validUntil),
        tags: listCell(labelsOf(facts, verdict)),
        description: describedBy(indicator, verdict) ?? '',
        sources: listCell(sources),
      };
      return { text: textOf({ ...known(key, form, namespace), ...shown }), shown: [isForSpreadsheets, shown] };
    },
    ended: withdrawn,
    withdrawn,
    file,
    withdrawals: file,
  };
}

function known(
  key: IndicatorKey,
  { generation, created, modified, validFrom, tlp, threat }: FileForm,
  namespace: string,
) {
  return {
    id: indicatorId(namespace, stixPattern(key), generation),
    type: key.type,
    value: key.value,
    threat,
    tlp,
    valid_from: validFrom === null ? '' : stixTime(validFrom),
    created,
    modified,
  };
}

/** Several texts in one cell; a semicolon in one of them would make two of it. */
function listCell(texts: readonly string[]): string {
  return texts.map((text) => text.replaceAll(';', ',')).join(';');
}
