import { z } from 'zod';
import { destinationSection } from '../destinations/kinds.ts';
import { duration } from '../settings/duration.ts';
import { policySection } from './policy-section.ts';
import { scheduleSection } from './schedule-section.ts';
import { sourceSection } from './source-section.ts';

/** One source, one policy, one destination, one schedule. */
export const pipelineSection = z.strictObject({
  kind: z
    .literal('sync')
    .optional()
    .describe('Delivers what it reads; a pipeline of kind enrich has settings of its own. Default: sync'),
  schedule: scheduleSection.describe('When it runs.'),
  source: sourceSection.describe('What it reads.'),
  policy: policySection.prefault({}).describe('What it delivers.'),
  destination: destinationSection.describe('Where it delivers to.'),
  lanes: z.int().min(1).max(500).prefault(10).describe('Batches under way at once in one window. Default: 10'),
  batchSize: z
    .int()
    .min(1)
    .max(1_000)
    .prefault(1_000)
    .describe('Indicators of one batch: scored, or delivered, together. Default: 1000'),
  gather: duration({ min: '0s', max: '1d' })
    .prefault('0s')
    .describe(
      'New indicators that are too few to fill a request wait up to this long for more of their kind; not in a backfill. Default: 0s',
    ),
});

/** A pipeline's name is part of workflow ids, so it is short and plain. */
export const pipelineName = z.string().regex(/^[a-z0-9-]{1,40}$/, {
  error: 'expected a pipeline name of lower-case letters, digits and -, 40 characters at most',
});
