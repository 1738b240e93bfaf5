import { z } from 'zod';
import { duration } from '../settings/duration.ts';

/** When a pipeline runs. */
export const scheduleSection = z.strictObject({
  every: duration({ min: '1m', max: '30d' }).describe('How often the pipeline runs. Example: 15m'),
  jitter: duration({ min: '0s', max: '1d' })
    .prefault('0s')
    .describe('Each run begins up to this much later, so that pipelines do not begin together. Default: 0s'),
  catchUp: duration({ min: '10s', max: '365d' })
    .prefault('1h')
    .describe(
      'A run missed by no more than this is caught up; a longer absence is covered by the next run. Default: 1h',
    ),
  paused: z.boolean().prefault(false).describe('Create the schedule paused. Default: false'),
});
