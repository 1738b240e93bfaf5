import type { HostReputation } from '../../exchange/messages.ts';
import type { IndicatorType } from '../../indicators/indicator.ts';
import type { ListedValue } from './listed-value.ts';

export type ValueOutcome =
  | 'scored'
  /** MDTI has none of it, which is no score. */
  | 'no-reputation'
  /** MDTI answers for others. */
  | 'not-answered'
  | 'hash'
  | 'reserved'
  | 'no-host';

/** What is told of one value of a list. */
export interface ValueRow {
  readonly line: number;
  /** Its canonical form; null for what cannot be read as a value. */
  readonly value: string | null;
  /** As it stands in the list, where that is another text. */
  readonly written: string | null;
  readonly type: IndicatorType | null;
  /** What MDTI was asked for: the value itself, or the host of a URL or an e-mail address. */
  readonly host: string | null;
  readonly outcome: ValueOutcome;
  readonly score: number | null;
  readonly classification: string | null;
  readonly rules: readonly { readonly name: string; readonly severity: string }[];
  /** When MDTI was asked, as ISO 8601. */
  readonly checked: string | null;
  /** Why there is no score; null where there is one. */
  readonly note: string | null;
}

const NOTHING = { score: null, classification: null, rules: [], checked: null } as const;

/** One row for each value, in the order of the list; `known` has each host of it. */
export function valueRows(
  values: readonly ListedValue[],
  known: ReadonlyMap<string, HostReputation>,
): readonly ValueRow[] {
  return values.map((value) => rowOf(value, known));
}

function rowOf(listed: ListedValue, known: ReadonlyMap<string, HostReputation>): ValueRow {
  const { line, written } = listed;
  if (listed.kind === 'none') {
    const note = `no host: ${listed.reason}`;
    return { line, value: null, written, type: null, host: null, outcome: 'no-host', ...NOTHING, note };
  }
  const { type, value } = listed.key;
  const about = { line, value, written: written === value ? null : written, type };
  switch (listed.kind) {
    case 'hash':
      return { ...about, host: null, outcome: 'hash', ...NOTHING, note: 'MDTI has no reputations of hashes' };
    case 'reserved':
      return {
        ...about,
        host: listed.host,
        outcome: 'reserved',
        ...NOTHING,
        note: "not looked up: reserved, for networks of one's own or for examples",
      };
    case 'host':
      return { ...about, host: listed.host, ...told(known.get(listed.host)) };
  }
}

type Told = Pick<ValueRow, 'outcome' | 'score' | 'classification' | 'rules' | 'checked' | 'note'>;

function told(reputation: HostReputation | undefined): Told {
  if (reputation === undefined) throw new Error('A row is not made without the reputation of its host.');
  switch (reputation.kind) {
    case 'scored': {
      const { score, classification, rules, checked } = reputation;
      return { outcome: 'scored', score, classification, rules, checked, note: null };
    }
    case 'none':
      return {
        ...NOTHING,
        outcome: 'no-reputation',
        checked: reputation.checked,
        note: 'MDTI has no reputation of it',
      };
    case 'failed': {
      const { why, failure, until } = reputation;
      const what = why === 'look-up-failed' ? 'MDTI did not answer for it' : "MDTI's answer for it cannot be read";
      return {
        ...NOTHING,
        outcome: 'not-answered',
        note: `${what}: ${failure} Asked again from ${until.slice(0, 16)}Z on`,
      };
    }
  }
}
