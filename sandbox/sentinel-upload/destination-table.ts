import { z } from 'zod';
import { columnIndex } from '../logs/kql/scope.ts';
import { datetimeOfDate } from '../logs/kql/time.ts';
import { toText } from '../logs/kql/value.ts';
import { type ArrivingRow, type StoredRow, storedRow, storedRowShape } from '../rows/arrived-row.ts';
import { THREAT_INTEL_INDICATORS } from '../rows/columns.ts';
import type { Segment } from '../rows/segment.ts';
import { StoredSegment } from '../rows/stored-segment.ts';
import { WORKSPACE_CELLS } from '../rows/workspace-cells.ts';
import type { SentinelUploadFaults } from './sentinel-upload-faults.ts';

/** `writtenAt` in milliseconds since 1970. */
const onItsWay = z.object({ writtenAt: z.number(), row: storedRowShape });
type OnItsWay = z.infer<typeof onItsWay>;

export const savedTable = z.object({ ingested: z.array(storedRowShape), onTheirWay: z.array(onItsWay) });
type SavedTable = z.infer<typeof savedTable>;

type Lag = Pick<SentinelUploadFaults, 'ingestionLagMs' | 'lagging' | 'transformedAway'>;

const VALUE = columnIndex(THREAT_INTEL_INDICATORS.columns, 'ObservableValue');

/** `ThreatIntelIndicators` of the workspace that is uploaded to: what is written shows once it is ingested. */
export class DestinationTable {
  readonly #cells: Readonly<Record<string, string>>;
  readonly #lag: () => Lag;
  readonly #ingested: StoredSegment;
  #onTheirWay: OnItsWay[];
  /** When it was last looked at: whatever was not there then is ingested later. */
  #seenAt = 0;

  constructor(workspaceId: string, lag: () => Lag, saved: SavedTable = { ingested: [], onTheirWay: [] }) {
    this.#cells = { ...WORKSPACE_CELLS, TenantId: workspaceId, WorkspaceId: workspaceId };
    this.#lag = lag;
    this.#ingested = new StoredSegment(saved.ingested);
    this.#onTheirWay = [...saved.onTheirWay];
  }

  write(rows: readonly ArrivingRow[], now: Date): void {
    const { transformedAway } = this.#lag();
    for (const row of rows) {
      if (transformedAway.includes(row.ObservableValue ?? '')) continue;
      this.#onTheirWay.push({ writtenAt: now.getTime(), row: storedRow(row, now, this.#cells) });
    }
  }

  segments(now: Date): readonly Segment[] {
    const time = now.getTime();
    const seenBefore = this.#seenAt;
    this.#seenAt = time;
    if (this.#onTheirWay.length === 0) return [this.#ingested];
    const due = this.#onTheirWay.map((each) => ({ ...each, at: each.writtenAt + this.#lagOf(each.row) }));
    this.#onTheirWay = due.filter(({ at }) => at > time).map(({ writtenAt, row }) => ({ writtenAt, row }));
    const arriving = due.filter(({ at }) => at <= time);
    this.#ingested.add(
      arriving.map(({ row: { cells }, at }) => ({
        ingestedAt: datetimeOfDate(new Date(Math.max(at, seenBefore))),
        cells,
      })),
    );
    return [this.#ingested];
  }

  save(): SavedTable {
    return { ingested: [...this.#ingested.rows], onTheirWay: [...this.#onTheirWay] };
  }

  #lagOf({ cells }: StoredRow): number {
    const { ingestionLagMs, lagging } = this.#lag();
    return lagging.length === 0 || lagging.includes(toText(cells[VALUE] ?? null)) ? ingestionLagMs : 0;
  }
}
