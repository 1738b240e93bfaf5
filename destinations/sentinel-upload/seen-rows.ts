import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { stringLiteral } from '../../azure/kql-literals.ts';
import type { AzureAccess } from '../destination-deps.ts';

/** What the workspace shows of an object. */
export interface SeenRow {
  /** `modified` of the version, in milliseconds since 1970; null when it cannot be read. */
  readonly version: number | null;
  readonly revoked: boolean;
  /** Somebody has deleted it there. */
  readonly deleted: boolean;
}

export type SeenRows = ReadonlyMap<string, SeenRow>;

/** Ids of one query at most. */
const MOST_IDS = 1_000;
/** The workspace's clock may be as far off. */
export const SLACK_MS = 86_400_000;

interface Asking {
  readonly ids: Set<string>;
  from: Date;
  readonly answer: Promise<SeenRows>;
}

/**
 * Looks at the newest rows of objects in `ThreatIntelIndicators` of a workspace, by their STIX ids. Those who ask together, for the same
 * step, share a query. What the service republishes by itself is the same version once more.
 */
export class RowBoard {
  readonly #rows: AzureAccess['rows'];
  readonly #workspaceId: string;
  readonly #source: string;
  readonly #now: () => Date;
  readonly #asking = new Map<AbortSignal, Asking>();

  constructor(
    { workspaceId, sourceSystem }: { readonly workspaceId: string; readonly sourceSystem: string },
    { azure, now }: { readonly azure: Pick<AzureAccess, 'rows'>; readonly now: () => Date },
  ) {
    this.#rows = azure.rows;
    this.#workspaceId = workspaceId;
    this.#source = Buffer.from(sourceSystem).toString('base64');
    this.#now = now;
  }

  /** Rows that were written since then, a day more or less. */
  look(ids: readonly string[], since: Date, signal: AbortSignal): Promise<SeenRows> {
    const asking = this.#asking.get(signal) ?? this.#begin(signal, since);
    for (const id of ids) asking.ids.add(id);
    if (since < asking.from) asking.from = since;
    return asking.answer;
  }

  #begin(signal: AbortSignal, from: Date): Asking {
    const ids = new Set<string>();
    const together = async (): Promise<SeenRows> => {
      await setImmediate();
      this.#asking.delete(signal);
      const all = [...ids];
      const seen = new Map<string, SeenRow>();
      for (let at = 0; at < all.length; at += MOST_IDS) {
        for (const [id, row] of await this.#ask(all.slice(at, at + MOST_IDS), asking.from, signal)) seen.set(id, row);
      }
      return seen;
    };
    const asking: Asking = { ids, from, answer: together() };
    this.#asking.set(signal, asking);
    return asking;
  }

  async #ask(
    ids: readonly string[],
    since: Date,
    signal: AbortSignal,
  ): Promise<readonly (readonly [string, SeenRow])[]> {
    const rows = await this.#rows(
      {
        workspaceId: this.#workspaceId,
        query: newestRows(`Id in (${ids.map((id) => stringLiteral(`${this.#source}---${id}`)).join(', ')})`),
        columns: SEEN_COLUMNS,
        from: new Date(since.getTime() - SLACK_MS),
        to: new Date(this.#now().getTime() + SLACK_MS),
      },
      signal,
    );
    return rows.flatMap((raw) => {
      const row = seenRow.safeParse(raw);
      if (!row.success) return [];
      const { Id, Modified, Version, Revoked, IsDeleted } = row.data;
      return [[stixIdOf(Id), { version: Version ?? Modified, revoked: Revoked, deleted: IsDeleted }] as const];
    });
  }
}

export const SEEN_COLUMNS = ['Id', 'Modified', 'Version', 'Revoked', 'IsDeleted'] as const;

/**
 * The newest row of each object that fulfils a condition; `D` is the object itself, for further columns. Deletion is looked at after
 * `arg_max`, or the row that it replaced would come back. `Data` has the object, where no transformation leaves it out; a time of the
 * object's own comes before one that the service may set. (Source of the table and of the forms of `Id`: learn.microsoft.com, "Work with
 * STIX objects and indicators".)
 */
export function newestRows(condition: string, more: readonly string[] = []): string {
  const columns = [
    'Id',
    'Modified = tostring(Modified)',
    'Version = tostring(D.modified)',
    'Revoked',
    'IsDeleted',
    ...more,
  ];
  return [
    'ThreatIntelIndicators',
    `where ${condition}`,
    'summarize arg_max(TimeGenerated, *) by Id',
    'extend D = parse_json(tostring(column_ifexists("Data", dynamic(null))))',
    `project ${columns.join(', ')}`,
  ].join('\n| ');
}

export const instant = z.unknown().transform((cell): number | null => {
  const at = typeof cell === 'string' ? Date.parse(cell) : Number.NaN;
  return Number.isNaN(at) ? null : at;
});
/** Columns that say nothing are empty. */
const flag = z.unknown().transform((cell) => cell === true || cell === 1 || cell === 'true' || cell === 'True');

export const seenRow = z.object({
  Id: z.string(),
  Modified: instant,
  Version: instant,
  Revoked: flag,
  IsDeleted: flag,
});

export function stixIdOf(id: string): string {
  return id.slice(id.lastIndexOf('indicator--'));
}
