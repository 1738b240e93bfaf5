import type { IndicatorKey, Observation } from '../indicators/indicator.ts';
import { keyName } from './slice-statements.ts';

/** The rows of a slice that name one indicator. */
export interface Group {
  readonly key: IndicatorKey;
  /** One for each Id: the newest. */
  readonly observations: readonly Observation[];
  /** Rows that named this indicator, including those that an Id repeated. */
  readonly rows: number;
}

/** In the order of the keys, whatever the order of the rows. */
export function groupByKey(observations: readonly Observation[]): readonly Group[] {
  const groups = new Map<string, { key: IndicatorKey; newest: Map<string, Observation>; rows: number }>();
  for (const observation of observations) {
    const name = keyName(observation.key);
    let group = groups.get(name);
    if (group === undefined) {
      group = { key: observation.key, newest: new Map(), rows: 0 };
      groups.set(name, group);
    }
    group.rows += 1;
    const known = group.newest.get(observation.sourceId);
    if (known === undefined || known.sourceTime < observation.sourceTime) {
      group.newest.set(observation.sourceId, observation);
    }
  }
  return [...groups.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { key, newest, rows }]) => ({ key, observations: [...newest.values()], rows }));
}
