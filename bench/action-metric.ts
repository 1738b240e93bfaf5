/** What the server itself counts as billable, by type; its metric `action`. (Source: docs.temporal.io/cloud/migrate/estimate-actions.) */
export type ActionMetric = Readonly<Record<string, number>>;

const LINE = /^action\{([^}]*)\} (\S+)$/;
/** A schedule is a workflow of the server's in our namespace: what it does by itself is not what is billed for it. */
const OF_THE_SCHEDULE: ReadonlySet<string> = new Set([
  'command_BatchMarkers',
  'command_ModifyWorkflowProperties',
  'grpc_PatchSchedule',
]);
const HEARTBEAT = 'grpc_RecordActivityTaskHeartbeat';

export async function readActionMetric(url: string): Promise<ActionMetric> {
  const reply = await fetch(url);
  const counted: Record<string, number> = {};
  for (const line of (await reply.text()).split('\n')) {
    const [, labels = '', value = ''] = LINE.exec(line) ?? [];
    const type = /action_type="([^"]*)"/.exec(labels)?.[1];
    if (type === undefined || !labels.includes('namespace="default"') || OF_THE_SCHEDULE.has(type)) continue;
    counted[type] = (counted[type] ?? 0) + Number(value);
  }
  return counted;
}

/** What came between two readings; types without change are left out. */
export function metricSince(after: ActionMetric, before: ActionMetric): ActionMetric {
  return Object.fromEntries(
    Object.entries(after)
      .map(([type, value]) => [type, value - (before[type] ?? 0)] as const)
      .filter(([, value]) => value !== 0),
  );
}

export function heartbeatsOf(metric: ActionMetric): number {
  return metric[HEARTBEAT] ?? 0;
}
