import { z } from 'zod';
import { duration } from '../../settings/duration.ts';
import { setting, settingOf } from '../../settings/setting.ts';
import { size } from '../../settings/size.ts';
import { webAddress } from '../../settings/web-address.ts';

/** Of the public cloud. (Source: learn.microsoft.com, "Import threat intelligence to Microsoft Sentinel with the upload API".) */
export const PUBLIC = {
  endpoint: 'https://api.ti.sentinel.azure.com',
  scope: 'https://management.azure.com/.default',
} as const;

/** Names that Sentinel keeps for itself, by the same page, and by which it went before. */
const RESTRICTED: ReadonlySet<string> = new Set(['microsoft sentinel', 'azure sentinel']);

const sourceSystem = z
  .string()
  .min(1)
  .max(200)
  .refine((text) => text === text.trim(), { error: 'expected a name without blanks around it' })
  .refine((text) => !RESTRICTED.has(text.toLowerCase()), {
    error: 'expected a name of your own: Sentinel keeps "Microsoft Sentinel" and "Azure Sentinel" for itself',
  });

/** How indicators are uploaded to one Sentinel workspace. Out: durations in milliseconds, sizes in bytes. */
export const sentinelUploadSection = z.strictObject({
  type: z.literal('sentinel-upload').describe('A Microsoft Sentinel workspace, by the upload API for STIX objects.'),
  workspaceId: settingOf(
    z
      .string({ error: 'expected the workspace id (a GUID, on the workspace’s overview page)' })
      .regex(/^[A-Za-z0-9-]{1,64}$/, {
        error: 'expected the workspace id (a GUID, on the workspace’s overview page), not its name or path',
      }),
    'Id of the Log Analytics workspace (customer id) to upload to.',
    { example: 'bbbbbbbb-cccc-dddd-eeee-ffffffffffff' },
  ),
  sourceSystem: setting(
    sourceSystem,
    'What the workspace shows as the source, and keeps these indicators apart by. No pipeline may read it from the same workspace.',
    'mdti-sync',
  ),
  endpoint: setting(
    webAddress,
    'Address of the upload API. That of the public cloud is the only one that Microsoft documents.',
    PUBLIC.endpoint,
  ),
  scope: setting(
    z.string().regex(/^https:\/\/[^\s/]+\/+\.default$/, {
      error: 'expected a scope such as https://management.azure.com/.default',
    }),
    'What the token is asked for: Azure’s management of the cloud, such as https://management.usgovcloudapi.net/.default.',
    PUBLIC.scope,
  ),
  requestsPerSecond: setting(
    z.number().min(0.01).max(100_000),
    'Requests in a second, over all workers and pipelines: where they differ, the lowest holds. Microsoft allows 100 a minute.',
    1.5,
  ),
  maxObjects: setting(z.int().min(1).max(100), 'Objects of one request at most.', 100),
  maxReply: setting(
    size({ min: '64KiB', max: '256MiB' }),
    'An answer that is larger, unpacked, is read no further: it counts as none.',
    '16MiB',
  ),
  lostAckGrace: setting(
    duration({ min: '0s', max: '1d' }),
    'A request whose acknowledgement was lost, and of which the workspace shows nothing, is sent again only so long after it ended: rows take as long to show.',
    '1h',
  ),
  confirmPoll: setting(
    duration({ min: '100ms', max: '10m' }),
    'How soon to look for what was uploaded in the workspace, and to look again; the waits grow to half of the time that has passed, up to 5 minutes.',
    '15s',
  ),
  confirmFor: setting(
    duration({ min: '1s', max: '1d' }),
    'How long what was uploaded, or revoked, may take to show in the workspace before what does not is set aside.',
    '1h',
  ),
});

export type SentinelUploadSettings = Omit<z.output<typeof sentinelUploadSection>, 'type' | 'maxReply'> & {
  /** How long a request may take: of one whose end nobody saw, this is when it has ended. In milliseconds. */
  readonly requestTimeout: number;
};
