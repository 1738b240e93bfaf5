import { z } from 'zod';
import { duration } from '../settings/duration.ts';
import { secretRef } from '../settings/secret-ref.ts';
import { size } from '../settings/size.ts';
import { webAddress } from '../settings/web-address.ts';

const id = z
  .union([z.int().min(1), z.string().regex(/^\d+$/)], { error: 'expected an id: a whole number' })
  .transform(Number);

/** Anomali ThreatStream. */
export const threatstreamSection = z
  .strictObject({
    type: z.literal('threatstream').describe('Kind of destination.'),
    baseUrl: webAddress
      .prefault('https://api.threatstream.com')
      .describe('Address of ThreatStream, also of an appliance. Default: https://api.threatstream.com'),
    user: secretRef.describe('Where the user name is. Example: { env: THREATSTREAM_USER }'),
    apiKey: secretRef.describe('Where the API key is. Example: { env: THREATSTREAM_API_KEY }'),
    approval: z
      .enum(['required', 'automatic', 'bypass'])
      .prefault('required')
      .describe(
        'required: an analyst approves each import session; automatic: sessions become active at once; bypass: indicators are written directly. The last two need the permission to approve. Default: required',
      ),
    visibility: z
      .enum(['private', 'public'])
      .prefault('private')
      .describe(
        'private: your organisation; public: everyone on ThreatStream, and acknowledgePublic must be true. Default: private',
      ),
    acknowledgePublic: z
      .boolean()
      .prefault(false)
      .describe(
        'true says that visibility public is meant: everyone on ThreatStream sees what is delivered. Default: false',
      ),
    remoteApi: z
      .boolean()
      .prefault(false)
      .describe('For a hybrid appliance: let it act on the cloud (remote_api=true). Default: false'),
    importVersion: z
      .enum(['v1', 'v2'])
      .prefault('v2')
      .describe('Version of the import API; older appliances have v1. Default: v2'),
    import: z
      .enum(['csv', 'text'])
      .prefault('csv')
      .describe(
        'How an import carries its indicators: csv, where each has its own itype, tags and TLP, or text, where all share them, for an appliance that does not take a CSV. Default: csv',
      ),
    percentAsText: z
      .boolean()
      .prefault(true)
      .describe(
        'Indicators with a % travel as text, in sessions of their own: in a CSV ThreatStream could take it for a wildcard. Default: true',
      ),
    severity: z
      .enum(['itype', 'score'])
      .prefault('itype')
      .describe(
        'itype: ThreatStream’s own severity for the itype; score: by the score, which divides sessions further. Default: itype',
      ),
    intelligenceSource: z
      .string()
      .min(1)
      .max(200)
      .prefault('Microsoft Defender Threat Intelligence')
      .describe('What analysts see as the source. Default: Microsoft Defender Threat Intelligence'),
    extraTags: z
      .array(z.string().min(1).max(200))
      .prefault([])
      .describe('Tags that every delivered indicator gets. Default: none. Example: [mdti, soc]'),
    trustedCircles: z
      .array(id)
      .prefault([])
      .describe('Ids of the trusted circles to share with. Default: none. Example: [12345]'),
    allowUnresolved: z
      .boolean()
      .prefault(true)
      .describe(
        'Keep domains and URLs whose name does not resolve now; ThreatStream rejects them otherwise. Default: true',
      ),
    rejectBenign: z
      .boolean()
      .prefault(false)
      .describe('Let ThreatStream silently leave out what it holds for benign. Default: false'),
    ruleTags: z
      .enum(['all', 'high', 'none'])
      .prefault('high')
      .describe(
        'Names of MDTI’s reputation rules as tags: of all rules, of those of severity high, or none. Default: high',
      ),
    untagBy: z
      .enum(['bulk_tagging', 'bulk_remove_tags'])
      .prefault('bulk_tagging')
      .describe(
        'The request that takes tags off indicators: both are in use, and an appliance may have one of them. Default: bulk_tagging',
      ),
    confidenceStep: z
      .union([z.int().min(1).max(100), z.literal('none')], { error: 'expected a whole number from 1 to 100, or none' })
      .optional()
      .describe(
        'Confidence is rounded down to steps of it, since a session has one for all its indicators; none: a session has the lowest of its own. Default: 10; 1 for approval bypass, where each has its own',
      ),
    expirationDays: z
      .int()
      .min(1)
      .max(3_650)
      .optional()
      .describe('Days after which an indicator without an end of its own expires. Default: never. Example: 90'),
    expirationGranularity: z
      .enum(['second', 'hour', 'day', 'month', 'none'])
      .optional()
      .describe(
        'Expiry is rounded up to it, since a session has one for all its indicators; none: a session has the latest of its own. Default: month; day for approval bypass, where each has its own',
      ),
    exactEnd: z
      .boolean()
      .prefault(false)
      .describe(
        'Withdraw an indicator by the first run after its end, for a request each, though its expiry is rounded up. Default: false',
      ),
    ownerOrganizationId: id
      .optional()
      .describe(
        'Id of your organisation: only its copies are ever changed or withdrawn. Default: that of the user, as ThreatStream says. Example: 67',
      ),
    requestsPerSecond: z
      .number()
      .min(0.01)
      .max(100_000)
      .prefault(5)
      .describe(
        'Requests in a second, over all workers and all pipelines of the same user: where they differ, the lowest holds. ThreatStream publishes no limit. Default: 5',
      ),
    maxObjects: z.int().min(1).max(1_000).prefault(1_000).describe('Indicators of one request at most. Default: 1000'),
    maxReply: size({ min: '64KiB', max: '256MiB' })
      .prefault('64MiB')
      .describe(
        'An answer that is larger, unpacked, is read no further: it counts as none, and is asked for again. Default: 64MiB',
      ),
    lostAckGrace: duration({ min: '0s', max: '1d' })
      .prefault('5m')
      .describe(
        'A request whose acknowledgement was lost, and that ThreatStream does not show, is sent again only so long after it ended: a gateway that has given up may still be passing it on. Default: 5m',
      ),
    confirmPoll: duration({ min: '100ms', max: '10m' })
      .prefault('2s')
      .describe(
        'How soon to ask what became of an import, and to ask again; each wait is half as long again, up to a minute. Default: 2s',
      ),
    confirmFor: duration({ min: '1s', max: '1d' })
      .prefault('5m')
      .describe(
        'How long what was taken in may take to show before what does not is set aside: a direct write since it was sent, what an import session brought since it ended. Default: 5m',
      ),
    sessionFor: duration({ min: '1s', max: '7d' })
      .prefault('1h')
      .describe('How long an import session may take to end before its indicators are set aside. Default: 1h'),
  })
  .superRefine(({ visibility, acknowledgePublic }, context) => {
    if (visibility === 'private' || acknowledgePublic) return;
    context.addIssue({
      code: 'custom',
      path: ['visibility'],
      message:
        'public shows what is delivered to everyone on ThreatStream: set acknowledgePublic: true beside it if that is meant',
      params: { suggestion: 'private' },
    });
  });
