import { readFile } from 'node:fs/promises';
import { noopMetricMeter } from '@temporalio/common';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { createMetrics } from '../../worker/metrics.ts';
import { labelsOf, OUR_SERIES } from './metric-names.ts';
import { groupsOf, selectionsOf } from './promql.ts';

const rulesFile = z.strictObject({
  groups: z.array(
    z.strictObject({
      name: z.string(),
      rules: z.array(
        z.strictObject({
          alert: z.string().regex(/^(MdtiSync|Temporal)[A-Z]\w+$/),
          expr: z.string(),
          for: z.string().optional(),
          labels: z.strictObject({ severity: z.enum(['info', 'warning', 'critical']) }),
          annotations: z.strictObject({ summary: z.string(), action: z.string() }),
        }),
      ),
    }),
  ),
});

const source = z.strictObject({ type: z.literal('prometheus'), uid: z.literal('prometheus') });
const panel = z.looseObject({
  id: z.number(),
  type: z.string(),
  title: z.string(),
  gridPos: z.strictObject({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
  datasource: source.optional(),
  targets: z.array(z.looseObject({ expr: z.string(), datasource: source })).default([]),
});
const dashboardFile = z.looseObject({ uid: z.literal('mdti-sync'), panels: z.array(panel) });

type Rule = z.infer<typeof rulesFile>['groups'][number]['rules'][number];

let rules: readonly Rule[];
let panels: z.infer<typeof dashboardFile>['panels'];

beforeAll(async () => {
  const { groups } = rulesFile.parse(parse(await readFile('deploy/prometheus/alerts.yml', 'utf8')));
  rules = groups.flatMap((group) => group.rules);
  const dashboard: unknown = JSON.parse(await readFile('deploy/grafana/dashboards/mdti-sync.json', 'utf8'));
  panels = dashboardFile.parse(dashboard).panels;
});

/** What a query asks for that nobody serves. */
function unknownIn(query: string): string[] {
  const selections = selectionsOf(query);
  const known = new Set(selections.flatMap(({ series }) => labelsOf(series) ?? []));
  return [
    ...selections.flatMap(({ series, labels }) => {
      const has = labelsOf(series);
      return has === null
        ? [series]
        : labels.filter((label) => !has.includes(label)).map((label) => `${series}{${label}}`);
    }),
    ...groupsOf(query).filter((label) => !known.has(label)),
  ];
}

test('a query that asks for what is not there is found', () => {
  expect(
    selectionsOf('sum by (api) (rate(a_total{status=~"5xx|x", api="b"}[$__rate_interval])) / max(b) > 0.2 * c'),
  ).toEqual([
    { series: 'a_total', labels: ['status', 'api'] },
    { series: 'b', labels: [] },
    { series: 'c', labels: [] },
  ]);
  expect(unknownIn('sum by (pipelin) (rate(mdti_sync_rows_total{table="x"}[5m]))')).toEqual([
    'mdti_sync_rows_total{table}',
    'pipelin',
  ]);
  expect(unknownIn('mdti_sync_row_total > 1')).toEqual(['mdti_sync_row_total']);
});

test('the series of ours that are known are those that a worker makes', () => {
  const made: string[] = [];
  createMetrics(
    {
      withTags: (tags) => noopMetricMeter.withTags(tags),
      createCounter(name) {
        made.push(name);
        return noopMetricMeter.createCounter(name);
      },
      createGauge(name) {
        made.push(name);
        return noopMetricMeter.createGauge(name);
      },
      createHistogram(name) {
        made.push(`${name}_bucket`);
        return noopMetricMeter.createHistogram(name);
      },
    },
    ['p'],
  );
  expect([...OUR_SERIES].sort()).toEqual(made.sort());
});

describe('the alerts', () => {
  test('ask for series that there are', () => {
    expect(rules.flatMap(({ expr }) => unknownIn(expr))).toEqual([]);
  });

  test('have one name each, say what is so, and what to do', () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const { alert, annotations } of rules) {
      expect(annotations.summary, alert).toMatch(/\.$/);
      expect(annotations.action, alert).toMatch(/\.$/);
    }
  });

  test('tell of a value only what their series have', () => {
    const absent = rules.flatMap(({ alert, expr, annotations }) => {
      const used = Array.from(JSON.stringify(annotations).matchAll(/\$labels\.(\w+)/g), ([, label = '']) => label);
      const grouped = groupsOf(expr);
      const kept = grouped.length > 0 ? grouped : selectionsOf(expr).flatMap(({ series }) => labelsOf(series) ?? []);
      return used.filter((label) => !kept.includes(label)).map((label) => `${alert}: ${label}`);
    });
    expect(absent).toEqual([]);
  });

  test('name documents and commands that there are', async () => {
    const text = rules.map(({ annotations }) => annotations.action).join('\n');
    const commands = new Set(Array.from(text.matchAll(/`mdti-sync (\w+)/g), ([, command = '']) => command));
    await Promise.all([...commands].map((command) => readFile(`client/cli/${command}.ts`)));
    expect([...commands].sort()).toEqual(['coverage', 'redeliver', 'status']);
  });
});

describe('the dashboard', () => {
  test('asks for series that there are, of the data source that is provisioned', () => {
    expect(panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => unknownIn(expr)))).toEqual([]);
    expect(panels.filter(({ type, datasource }) => (datasource === undefined) !== (type === 'row'))).toEqual([]);
  });

  test('of the Temporal SDK, shows the workers’: the server has workers of its own, with the same names', () => {
    const selections = panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => selectionsOf(expr)));
    const ofSdk = selections.filter(({ series }) => series.startsWith('temporal_'));
    expect(ofSdk.length).toBeGreaterThan(5);
    expect(ofSdk.filter(({ labels }) => !labels.includes('job'))).toEqual([]);
  });

  test('shows every series of ours', () => {
    const shown = new Set(
      panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => selectionsOf(expr))).map(({ series }) => series),
    );
    expect(OUR_SERIES.filter((series) => !shown.has(series))).toEqual([]);
  });

  test('has its panels beside each other, each with an id of its own', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const overlaps = panels.flatMap((one, index) =>
      panels.slice(index + 1).filter(({ gridPos: other }) => {
        const { x, y, w, h } = one.gridPos;
        return x < other.x + other.w && other.x < x + w && y < other.y + other.h && other.y < y + h;
      }),
    );
    expect(overlaps.map(({ title }) => title)).toEqual([]);
    expect(panels.filter(({ gridPos }) => gridPos.x + gridPos.w > 24)).toEqual([]);
  });
});
