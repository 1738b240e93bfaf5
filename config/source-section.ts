import { z } from 'zod';
import { duration } from '../settings/duration.ts';
import { since } from './since.ts';

/** Microsoft's own names; others can be added, for this pipeline moves what a workspace calls threat intelligence. */
const MDTI_SOURCE_SYSTEMS = [
  'Microsoft Defender Threat Intelligence',
  'Premium Microsoft Defender Threat Intelligence',
  'Microsoft Emerging Threat Feed',
] as const;

export const idOfWorkspace = z
  .string({ error: 'expected the workspace id (a GUID, on the workspace’s overview page)' })
  .regex(/^[A-Za-z0-9-]{1,64}$/, {
    error: 'expected the workspace id (a GUID, on the workspace’s overview page), not its name or path',
  });

/** What a pipeline reads. */
export const sourceSection = z
  .strictObject({
    workspaceId: idOfWorkspace.describe(
      'Id of the Log Analytics workspace (customer id). Example: aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
    ),
    table: z
      .enum(['ThreatIntelIndicators', 'ThreatIntelligenceIndicator'])
      .prefault('ThreatIntelIndicators')
      .describe(
        'ThreatIntelligenceIndicator is the older table, which Microsoft retires. Default: ThreatIntelIndicators',
      ),
    sourceSystems: z
      .array(z.string().min(1).max(200))
      .min(1)
      .prefault([...MDTI_SOURCE_SYSTEMS])
      .describe('Rows of these SourceSystems are read, compared exactly. Default: the three that MDTI’s feeds have'),
    settle: duration({ min: '0s', max: '1d' })
      .prefault('5m')
      .describe('The newest stretch of time is left to the next run, so that late rows are in. Default: 5m'),
    overlap: duration({ min: '0s', max: '1d' })
      .prefault('10m')
      .describe('Each window is read again this far before its beginning. Default: 10m'),
    lateness: duration({ min: '1m', max: '30d' })
      .prefault('2d')
      .describe('How far a row’s TimeGenerated may lie from its ingestion. Default: 2d'),
    since: since
      .prefault('1d')
      .describe(
        'Where to begin when nothing is covered yet: so far back, or a date in UTC. Default: 1d Example: 30d, or 2026-01-31',
      ),
    window: duration({ min: '1m', max: '7d' }).prefault('6h').describe('Longest window of ingestion time. Default: 6h'),
    sliceRows: z
      .int()
      .min(1)
      .max(20_000)
      .prefault(18_000)
      .describe('Rows of one query, planned; a slice of more than 20,000 is halved. Default: 18000'),
    warnAfterEmptyWindows: z
      .int()
      .min(1)
      .prefault(96)
      .describe(
        'So many windows running without a row are worth a warning: a retired table answers just so. Default: 96',
      ),
  })
  .superRefine(({ overlap, lateness, window }, context) => {
    if (overlap > window) {
      context.addIssue({
        code: 'custom',
        path: ['overlap'],
        message: 'expected no more than window, or every row is read over and over',
      });
    }
    if (lateness < overlap) {
      context.addIssue({
        code: 'custom',
        path: ['lateness'],
        message: 'expected at least overlap, or the overlap reads nothing',
      });
    }
  });

/** What no other deployment is called: its workspace, whose id is the same in any case. */
export function deploymentOf({ workspaceId }: { readonly workspaceId: string }): string {
  return workspaceId.toLowerCase();
}
