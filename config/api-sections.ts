import { z } from 'zod';
import { duration } from '../settings/duration.ts';
import { size } from '../settings/size.ts';
import { webAddress } from '../settings/web-address.ts';

const scope = z.string().min(1);

/** Microsoft Sentinel's workspace, through the Log Analytics API. */
export const logAnalyticsSection = z.strictObject({
  endpoint: webAddress
    .refine((text) => text.endsWith('/v1'), { error: 'expected an address that ends in /v1' })
    .optional()
    .describe(
      'Address of the API with /v1. Default: that of the cloud. Example: https://api.loganalytics.azure.com/v1',
    ),
  scope: scope
    .optional()
    .describe('Scope of its tokens. Default: that of the cloud. Example: https://api.loganalytics.io/.default'),
  serverTimeout: duration({ min: '10s', max: '10m' })
    .prefault('10m')
    .describe('A query may run this long at the server; the API allows 10m at most. Default: 10m'),
  halveAfter: duration({ min: '1s', max: '1d' })
    .prefault('2m')
    .describe(
      'Rows whose query times out for so long, three times at least, while the API answers others, are asked for in halves; what is too small for that is set aside and read again by later runs. Default: 2m',
    ),
  maxReply: size({ min: '64KiB', max: '256MiB' })
    .prefault('100MiB')
    .describe(
      'An answer that is larger, unpacked, is read no further, and its rows are asked for in halves. The API gives about 100 MiB at most. Default: 100MiB',
    ),
  concurrency: z
    .int()
    .min(1)
    .max(100)
    .prefault(5)
    .describe('Queries under way at once, over all workers. The API runs 5 of a user at once. Default: 5'),
  per30Seconds: z
    .int()
    .min(1)
    .max(10_000)
    .prefault(200)
    .describe('Requests in 30 seconds, over all workers. The API allows 200 for a user. Default: 200'),
});

/** MDTI's reputations, through Microsoft Graph. */
export const mdtiSection = z.strictObject({
  endpoint: webAddress
    .optional()
    .describe(
      'Address of Microsoft Graph with its version. Default: that of the cloud. Example: https://graph.microsoft.com/v1.0',
    ),
  scope: scope
    .optional()
    .describe('Scope of its tokens. Default: that of the cloud. Example: https://graph.microsoft.com/.default'),
  lookUps: z
    .enum(['batch', 'single'])
    .prefault('batch')
    .describe('batch: up to 20 hosts a request; single: one each, where batches do not work. Default: batch'),
  ttl: duration({ min: '1m', max: '365d' })
    .prefault('7d')
    .describe('A reputation is used this long before it is looked up again. Default: 7d'),
  noReputationTtl: duration({ min: '1m', max: '365d' })
    .prefault('1d')
    .describe('That MDTI has no reputation of a host is believed this long. Default: 1d'),
  requestsPerSecond: z
    .number()
    .min(0.01)
    .max(100_000)
    .prefault(20)
    .describe(
      'Hosts looked up in a second, over all workers: Graph counts each host of a batch. Its limit for MDTI is not published, so the default is careful. Default: 20',
    ),
  maxReply: size({ min: '64KiB', max: '256MiB' })
    .prefault('16MiB')
    .describe(
      'An answer that is larger, unpacked, is read no further: it counts as none, and is asked for again. Default: 16MiB',
    ),
  licenceFailures: z
    .int()
    .min(1)
    .max(100)
    .prefault(5)
    .describe('So many identical 500s running are taken for a missing licence: the run becomes blocked. Default: 5'),
  concurrency: z
    .int()
    .min(1)
    .max(100)
    .prefault(4)
    .describe('Requests under way at once for each batch of indicators. Default: 4'),
});

/** What the workers and the commands share in Temporal. */
export const temporalSection = z.strictObject({
  taskQueue: z
    .string()
    .min(1)
    .max(200)
    .prefault('mdti-sync')
    .describe(
      'Task queue of the workers. Where Temporal is comes from TEMPORAL_* or temporal.toml. Default: mdti-sync',
    ),
});
