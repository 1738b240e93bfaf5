import type { Table } from '../logs/kql/compile-query.ts';
import { THREAT_INTEL_INDICATORS, THREAT_INTELLIGENCE_INDICATOR } from './columns.ts';
import { createLegacySegment } from './legacy-segment.ts';
import type { Segment } from './segment.ts';
import type { WorkspaceRows } from './workspace-rows.ts';

/** Both tables of the workspace. One of them has the rows, the other one is empty. */
export function tablesOf(rows: WorkspaceRows, legacy: boolean): readonly Table[] {
  const views = new WeakMap<Segment, Segment>();
  // One view of a segment, always the same: what was computed of its rows is kept by it.
  const viewOf = (segment: Segment): Segment => {
    const view = views.get(segment) ?? createLegacySegment(segment);
    views.set(segment, view);
    return view;
  };
  return [
    { schema: THREAT_INTEL_INDICATORS, segments: () => (legacy ? [] : rows.segments()) },
    { schema: THREAT_INTELLIGENCE_INDICATOR, segments: () => (legacy ? rows.segments().map(viewOf) : []) },
  ];
}
