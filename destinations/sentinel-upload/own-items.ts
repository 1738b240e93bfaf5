import { z } from 'zod';
import { stringLiteral } from '../../azure/kql-literals.ts';
import { Fault } from '../../indicators/fault.ts';
import { observableType } from '../../indicators/observable-key.ts';
import { indicatorId } from '../../indicators/stix-ids.ts';
import { stixPattern } from '../../indicators/stix-observable.ts';
import { readPattern } from '../../indicators/stix-pattern.ts';
import { producerId } from '../../indicators/stix-producer.ts';
import type { OwnItem } from '../destination.ts';
import type { AzureAccess } from '../destination-deps.ts';
import { LOOK_BACK_MS } from './delivery.ts';
import type { Dialect } from './render.ts';
import { instant, newestRows, SEEN_COLUMNS, SLACK_MS, seenRow, stixIdOf } from './seen-rows.ts';
import type { SentinelUploadSettings } from './sentinel-upload-settings.ts';
import { remoteIdOf } from './upload-form.ts';

/** Objects of one query, about. */
const AT_ONCE = 2_000;

interface Parts {
  readonly azure: Pick<AzureAccess, 'rows'>;
  readonly dialect: Dialect;
  readonly now: () => Date;
}

/**
 * The objects of our source that no other deployment has made, as the workspace shows them: what was uploaded a moment ago may not be among
 * them. They are divided by a hash of their id, so that each is read once, whatever comes meanwhile. All that is there is written anew every 7 to
 * 10 days, so that older rows have nothing to say of it. (Source: learn.microsoft.com, "Threat intelligence in Microsoft Sentinel".)
 */
export async function* ownItems(
  { workspaceId, sourceSystem }: Pick<SentinelUploadSettings, 'workspaceId' | 'sourceSystem'>,
  { azure, dialect, now }: Parts,
  signal: AbortSignal,
): AsyncGenerator<readonly OwnItem[]> {
  const at = now().getTime();
  const ask = (query: string, columns: readonly string[]) => {
    const period = { from: new Date(at - LOOK_BACK_MS), to: new Date(at + SLACK_MS) };
    return azure.rows({ workspaceId, query, columns, ...period }, signal);
  };
  const ours = `SourceSystem == ${stringLiteral(sourceSystem)}`;
  const parts = Math.ceil(countIn(await ask(countQuery(ours), ['Objects'])) / AT_ONCE);
  for (let part = 0; part < parts; part += 1) {
    const query = newestRows(`${ours} and hash(Id, ${parts}) == ${part}`, MORE);
    const rows = (await ask(query, COLUMNS)).map((raw) => readRow(raw));
    // Who has made it is not said where `Data` is left out of the table: then the source alone tells.
    const mine = rows.filter(({ Author }) => Author === '' || Author === producerId(dialect.producer));
    if (mine.length > 0) yield mine.map((row) => itemOf(row, dialect, now()));
  }
}

/** An estimate. */
function countQuery(condition: string): string {
  return [
    'ThreatIntelIndicators',
    `where ${condition}`,
    'summarize Objects = dcount(Id)',
    'project Objects = tostring(Objects)',
  ].join('\n| ');
}

/** No row is the answer of a workspace that has never had any data. */
function countIn([row]: readonly Readonly<Record<string, unknown>>[]): number {
  const read = z
    .string()
    .regex(/^\d{1,15}$/)
    .safeParse(row === undefined ? '0' : row['Objects']);
  if (!read.success) throw strange('a number of objects that is none');
  return Number(read.data);
}

const COLUMNS = [...SEEN_COLUMNS, 'Author', 'Key', 'Value', 'Pattern', 'Until'] as const;
const MORE = [
  'Author = tostring(D.created_by_ref)',
  'Key = ObservableKey',
  'Value = ObservableValue',
  // As long as the value, and of no use beside it.
  'Pattern = iff(isempty(ObservableValue), Pattern, "")',
  'Until = tostring(ValidUntil)',
];

const text = z
  .string()
  .nullable()
  .transform((cell) => cell ?? '');
const ownRow = seenRow.extend({
  Id: z.string().regex(/indicator--/),
  Author: text,
  Key: text,
  Value: text,
  Pattern: text,
  Until: instant,
});
type OwnRow = z.infer<typeof ownRow>;

function readRow(raw: Readonly<Record<string, unknown>>): OwnRow {
  const read = ownRow.safeParse(raw);
  if (read.success) return read.data;
  const columns = new Set(read.error.issues.map(({ path }) => String(path[0])));
  throw strange(`a row of another form than expected (${[...columns].join(', ')})`);
}

function strange(what: string): Fault {
  return new Fault('Unavailable', `The workspace that is uploaded to answered with ${what}.`);
}

function itemOf(row: OwnRow, dialect: Dialect, now: Date): OwnItem {
  const { Revoked: revoked, IsDeleted: deleted, Until: until } = row;
  const id = stixIdOf(row.Id);
  const modified = new Date(row.Version ?? row.Modified ?? 0).toISOString();
  const isGone = revoked || deleted || (until !== null && until <= now.getTime());
  return {
    remoteId: remoteIdOf({ id, generation: generationOf(id, row, dialect), modified }),
    value: valueOf(row),
    state: isGone ? 'gone' : 'held',
  };
}

/** Sentinel leaves its columns empty where it does not understand a pattern. */
function valueOf({ Value, Pattern }: OwnRow): string {
  if (Value !== '') return Value;
  const read = readPattern(Pattern);
  return (read.ok ? read.comparisons[0]?.value : undefined) ?? Pattern;
}

/** More often nothing comes back. */
const MOST_GENERATIONS = 50;

/** Only its id tells. Of one that a person has changed to be of another observable, nothing does: it is taken for a first one. */
function generationOf(id: string, { Key, Value, Pattern }: OwnRow, { producer }: Dialect): number {
  const type = observableType(Key);
  const pattern = type.ok && Value !== '' ? stixPattern({ type: type.type, value: Value }) : Pattern;
  for (let generation = 0; generation < MOST_GENERATIONS; generation += 1) {
    if (indicatorId(producer.namespace, pattern, generation) === id) return generation;
  }
  return 0;
}
