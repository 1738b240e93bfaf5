/** What a series of ours may be chosen by, beside what Prometheus adds. */
const OURS: Readonly<Record<string, readonly string[]>> = {
  mdti_sync_rows_total: ['pipeline'],
  mdti_sync_indicators_total: ['pipeline', 'outcome'],
  mdti_sync_decisions_total: ['pipeline', 'decision'],
  mdti_sync_deliveries_total: ['pipeline', 'state'],
  mdti_sync_lookups_total: ['pipeline', 'outcome'],
  mdti_sync_quarantined_total: ['pipeline'],
  mdti_sync_requests_total: ['api', 'status'],
  mdti_sync_request_seconds_bucket: ['api', 'le'],
  mdti_sync_rate_wait_seconds_bucket: ['api', 'le'],
  mdti_sync_coverage_lag_seconds: ['pipeline'],
  mdti_sync_coverage_gaps: ['pipeline'],
  mdti_sync_blocked: ['pipeline'],
  mdti_sync_stale_lists: ['pipeline'],
  mdti_sync_artifacts: ['pipeline', 'standing'],
  mdti_sync_enriched: ['pipeline', 'what'],
};

/** Of the Temporal SDK 1.24, as its Prometheus exporter names them by default (docs.temporal.io/references/sdk-metrics). */
const SDK: Readonly<Record<string, readonly string[]>> = {
  temporal_worker_task_slots_used: ['worker_type'],
  temporal_worker_task_slots_available: ['worker_type'],
  temporal_activity_schedule_to_start_latency_bucket: ['task_queue', 'le'],
  temporal_activity_execution_failed: ['activity_type', 'failure_reason'],
  temporal_workflow_task_execution_failed: ['workflow_type', 'failure_reason'],
  temporal_sticky_cache_size: ['task_queue'],
  temporal_sticky_cache_total_forced_eviction: ['task_queue'],
};

/** Of the Temporal server 1.32 (docs.temporal.io/references/cluster-metrics). */
const SERVER: Readonly<Record<string, readonly string[]>> = {
  service_requests: ['service_name', 'operation'],
  service_error_with_type: ['service_name', 'error_type'],
  persistence_latency_bucket: ['service_name', 'operation', 'le'],
};

const OF_PROMETHEUS = ['job', 'instance'] as const;

/** The labels of a series that is known; null for one that is not. */
export function labelsOf(series: string): readonly string[] | null {
  const labels = series === 'up' ? [] : (OURS[series] ?? SDK[series] ?? SERVER[series]);
  return labels === undefined ? null : [...labels, ...OF_PROMETHEUS];
}

export const OUR_SERIES = Object.keys(OURS);
