/** What is special about a generated row. */
export type Role =
  | 'ordinary'
  /** The same Id and content as another row, written again by `LogARepublisher`. */
  | 'republished'
  /** The value of another row, under an Id of its own. */
  | 'same-value'
  /** Shares its Id and pattern with another row: one indicator with two observables. */
  | 'one-of-two'
  | 'revoked'
  | 'deleted'
  | 'inactive'
  | 'expired'
  | 'private-address'
  | 'upper-case'
  | 'trailing-dot'
  | 'defanged'
  /** Only the pattern: ObservableKey and ObservableValue are empty. */
  | 'unparsed'
  | 'nonsense-value'
  | 'unknown-key'
  /** Data is a string that holds JSON. */
  | 'data-as-text'
  | 'data-missing';

interface Special {
  readonly role: Role;
  /** The position of the row that it repeats, or shares something with. */
  readonly of?: number;
}

/** By position in each hundred rows; the other positions are ordinary. So the share of each is known: it is the count here, in percent. */
const SPECIAL = new Map<number, Special>([
  [15, { role: 'one-of-two', of: 15 }],
  [60, { role: 'republished', of: 10 }],
  [61, { role: 'republished', of: 11 }],
  [62, { role: 'republished', of: 12 }],
  [63, { role: 'same-value', of: 13 }],
  [64, { role: 'same-value', of: 14 }],
  [65, { role: 'one-of-two', of: 15 }],
  [66, { role: 'revoked' }],
  [67, { role: 'deleted' }],
  [68, { role: 'inactive' }],
  [69, { role: 'expired' }],
  [70, { role: 'private-address' }],
  [71, { role: 'upper-case' }],
  [72, { role: 'trailing-dot' }],
  [73, { role: 'defanged' }],
  [74, { role: 'unparsed' }],
  [75, { role: 'nonsense-value' }],
  [76, { role: 'unknown-key' }],
  [77, { role: 'data-as-text' }],
  [78, { role: 'data-missing' }],
]);

/** By position, and quick to look up. */
const ROLES = Array.from({ length: 100 }, (_, position): Role => SPECIAL.get(position)?.role ?? 'ordinary');
const ID_OFFSETS = offsets((role) => role !== 'same-value');
const VALUE_OFFSETS = offsets((role) => role !== 'one-of-two');

/** How far from each position the row is that it shares something with; 0 for the positions that are on their own. */
function offsets(shares: (role: Role) => boolean): Int8Array {
  return Int8Array.from({ length: 100 }, (_, position) => {
    const special = SPECIAL.get(position);
    return special?.of === undefined || !shares(special.role) ? 0 : special.of - position;
  });
}

/** Of each hundred rows, so many give an indicator of their own: the rest repeat one or cannot be read. */
const INDICATORS_PER_HUNDRED = 93;

/** How many rows give about so many indicators. */
export function rowsFor(indicators: number): number {
  return Math.ceil((indicators * 100) / INDICATORS_PER_HUNDRED);
}

export function roleOf(row: number): Role {
  return ROLES[row % 100] ?? 'ordinary';
}

/** The number of the row whose Id this row has. */
export function idRow(row: number): number {
  return row + (ID_OFFSETS[row % 100] ?? 0);
}

/** The number of the row whose value this row has. */
export function valueRow(row: number): number {
  return row + (VALUE_OFFSETS[row % 100] ?? 0);
}

/** The two rows of an indicator with two observables, given either; only itself for any other row. */
export function observableRows(row: number): readonly number[] {
  if (roleOf(row) !== 'one-of-two') return [valueRow(row)];
  const first = row - (row % 100) + 15;
  return [first, first + 50];
}
