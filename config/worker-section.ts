import { z } from 'zod';
import { duration } from '../settings/duration.ts';
import { listenAddress } from './listen-address.ts';

/** The process that does the work. */
export const workerSection = z.strictObject({
  metrics: z
    .strictObject({
      listen: listenAddress.describe(
        'Address and port of the Prometheus endpoint /metrics, without any login. Example: 127.0.0.1:9464',
      ),
    })
    .optional()
    .describe('Metrics of Temporal and of mdti-sync. Off when left out. Also MDTI_SYNC_METRICS_LISTEN.'),
  health: z
    .strictObject({
      listen: listenAddress.describe(
        'Address and port of /healthz and /readyz, without any login. Example: 127.0.0.1:8080',
      ),
    })
    .optional()
    .describe(
      'Whether the process lives and is ready, for an orchestrator. Off when left out. Also MDTI_SYNC_HEALTH_LISTEN.',
    ),
  stopWithin: duration({ min: '1s', max: '1h' })
    .prefault('20s')
    .describe(
      'When told to stop, the process ends within this: half of it is for what is under way to finish. Kubernetes waits 30s. Also MDTI_SYNC_SHUTDOWN_GRACE. Default: 20s',
    ),
  deployment: z
    .strictObject({
      name: z
        .string()
        .min(1)
        .max(200)
        .optional()
        .describe(
          'Name of the worker deployment in Temporal. Also TEMPORAL_WORKER_DEPLOYMENT_NAME. Example: mdti-sync',
        ),
      buildId: z
        .string()
        .min(1)
        .max(200)
        .optional()
        .describe('Id of this build, another for each. Also TEMPORAL_WORKER_BUILD_ID. Example: 2026-11-24.1'),
    })
    .prefault({})
    .describe(
      'Worker versioning: with name and buildId, Temporal knows which build this is, and gives it work once that build is current. Off when both are left out.',
    ),
  activitySlots: z
    .int()
    .min(1)
    .max(1_000)
    .prefault(50)
    .describe(
      'Steps under way at once in this process. Most of them wait for an API, and the shared budgets bound them anyway; each may hold one slice or batch in memory. Default: 50',
    ),
  workflowSlots: z
    .int()
    .min(2)
    .max(1_000)
    .prefault(40)
    .describe('Workflow tasks under way at once in this process; they are short and need processor time. Default: 40'),
  cachedWorkflows: z
    .int()
    .min(10)
    .max(10_000)
    .prefault(200)
    .describe(
      'Workflows kept in memory, about 1 MB each; one that was put out is replayed from its history. Default: 200',
    ),
  // Ten carry some 140 steps a second over a link of 70 ms; a batch of a thousand indicators is three.
  pollers: z
    .int()
    .min(1)
    .max(100)
    .prefault(10)
    .describe(
      'Open requests for work, for each of workflow tasks and activities, at most: it begins with few and adds as the server says that there is a backlog. Default: 10',
    ),
});
