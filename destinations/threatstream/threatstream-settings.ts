import { z } from 'zod';
import { THREATS } from '../../indicators/indicator.ts';
import { duration } from '../../settings/duration.ts';
import { secretRef } from '../../settings/secret-ref.ts';
import { setting, settingOf } from '../../settings/setting.ts';
import { size } from '../../settings/size.ts';
import { webAddress } from '../../settings/web-address.ts';
import { itypesByKind } from '../threatstream-csv/itypes.ts';

export type Severity = 'low' | 'medium' | 'high' | 'very-high';

const id = z
  .union([z.int().min(1), z.string().regex(/^\d+$/)], { error: 'expected an id: a whole number' })
  .transform(Number);
const tag = z.string().min(1).max(200);

/** How indicators are delivered to one ThreatStream organisation. Out: durations in milliseconds, sizes in bytes. */
export const threatstreamSection = z
  .strictObject({
    type: z.literal('threatstream').describe('Anomali ThreatStream.'),
    baseUrl: setting(webAddress, 'Address of ThreatStream, also of an appliance.', 'https://api.threatstream.com'),
    user: settingOf(secretRef('header'), 'Where the user name is.', { example: { env: 'THREATSTREAM_USER' } }),
    apiKey: settingOf(secretRef('header'), 'Where the API key is.', { example: { env: 'THREATSTREAM_API_KEY' } }),
    approval: setting(
      z.enum(['required', 'automatic', 'bypass']),
      'required: an analyst approves each import session; automatic: sessions become active at once, which takes the permission "Approve Import"; bypass: indicators are written directly, without a session, which takes "Approve Intel".',
      'required',
    ),
    visibility: setting(
      z.enum(['private', 'public']),
      'private: your organisation; public: everyone on ThreatStream, and acknowledgePublic must be true.',
      'private',
    ),
    acknowledgePublic: setting(
      z.boolean(),
      'true says that visibility public is meant: everyone on ThreatStream sees what is delivered.',
      false,
    ),
    remoteApi: setting(z.boolean(), 'For a hybrid appliance: let it act on the cloud (remote_api=true).', false),
    importVersion: setting(
      z.enum(['v1', 'v2']),
      'Version in the paths of imports and direct writes; older appliances have v1.',
      'v2',
    ),
    import: setting(
      z.enum(['csv', 'text']),
      'How an import carries its indicators: csv, where each has its own itype, tags and TLP, or text, where all share them, for an appliance that does not take a CSV.',
      'csv',
    ),
    itypes: setting(
      itypesByKind,
      'Replaces single itypes, by kind of observable and threat, such as { md5: { c2: apt_md5 } }.',
      {},
    ),
    threatTypes: setting(
      z.partialRecord(z.enum(THREATS), z.string().min(1)),
      'Replaces the threat_type of single threats, such as { tor: anonymization }.',
      {},
    ),
    // UNCONFIRMED: which values with a % a CSV means for wildcards.
    percentAsText: setting(
      z.boolean(),
      'Indicators with a % travel as text, in sessions of their own: in a CSV ThreatStream could take it for a wildcard.',
      true,
    ),
    severity: setting(
      z.enum(['itype', 'score']),
      'itype: ThreatStream’s own severity for the itype; score: by the score, which divides sessions further.',
      'itype',
    ),
    intelligenceSource: setting(
      z.string().min(1).max(200),
      'What analysts see as the source.',
      'Microsoft Defender Threat Intelligence',
    ),
    extraTags: setting(z.array(tag), 'Tags that every delivered indicator gets, such as [mdti, soc].', []),
    trustedCircles: setting(z.array(id), 'Ids of the trusted circles to share with, such as [12345].', []),
    allowUnresolved: setting(
      z.boolean(),
      'Keep domains and URLs whose name does not resolve now; ThreatStream rejects them otherwise. Only direct writes can say so.',
      true,
    ),
    rejectBenign: setting(z.boolean(), 'Let ThreatStream silently leave out what it holds for benign.', false),
    ruleTags: setting(
      z.enum(['all', 'high', 'none']),
      'Names of MDTI’s reputation rules as tags: of all rules, of those of severity high, or none.',
      'high',
    ),
    untagBy: setting(
      z.enum(['bulk_tagging', 'bulk_remove_tags']),
      'The request that takes tags off indicators: both are in use, and an appliance may have one of them.',
      'bulk_tagging',
    ),
    confidenceStep: settingOf(
      z
        .union([z.int().min(1).max(100), z.literal('none')], {
          error: 'expected a whole number from 1 to 100, or none',
        })
        .optional(),
      'Confidence is rounded down to steps of it, since a session has one for all its indicators; none: a session has the lowest of its own.',
      { example: 10, otherwise: '10; 1 for approval bypass, where each has its own' },
    ),
    expirationDays: settingOf(
      z.int().min(1).max(3_650).optional(),
      'Days after which an indicator without an end of its own expires.',
      { example: 90, otherwise: 'never' },
    ),
    expirationGranularity: settingOf(
      z.enum(['second', 'hour', 'day', 'month', 'none']).optional(),
      'Expiry is rounded up to it, since a session has one for all its indicators; none: a session has the latest of its own.',
      { example: 'month', otherwise: 'month; day for approval bypass, where each has its own' },
    ),
    exactEnd: setting(
      z.boolean(),
      'Withdraw an indicator by the first run after its end, for a request each, though its expiry is rounded up.',
      false,
    ),
    ownerOrganizationId: settingOf(
      id.optional(),
      'Id of your organisation: only its copies are ever changed or withdrawn, and pipelines of the same one share what it holds.',
      { example: 67, otherwise: 'that of the user, as ThreatStream says' },
    ),
    requestsPerSecond: setting(
      z.number().min(0.01).max(100_000),
      'Requests in a second, over all workers and all pipelines of the same user: where they differ, the lowest holds. ThreatStream publishes no limit.',
      5,
    ),
    maxObjects: setting(z.int().min(1).max(1_000), 'Indicators of one request at most.', 1_000),
    maxReply: setting(
      size({ min: '64KiB', max: '256MiB' }),
      'An answer that is larger, unpacked, is read no further: it counts as none, and is asked for again.',
      '64MiB',
    ),
    lostAckGrace: setting(
      duration({ min: '0s', max: '1d' }),
      'A request whose acknowledgement was lost, and that ThreatStream does not show, is sent again only so long after it ended: a gateway that has given up may still be passing it on.',
      '5m',
    ),
    confirmPoll: setting(
      duration({ min: '100ms', max: '10m' }),
      'How soon to ask what became of an import, and to ask again; each wait is half as long again, up to a minute.',
      '2s',
    ),
    confirmFor: setting(
      duration({ min: '1s', max: '1d' }),
      'How long what was taken in may take to show before what does not is set aside: a direct write since it was sent, what an import session brought since it ended.',
      '5m',
    ),
    sessionFor: setting(
      duration({ min: '1s', max: '7d' }),
      'How long an import session may take to end before its indicators are set aside.',
      '1h',
    ),
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

type Section = z.output<typeof threatstreamSection>;

/** The settings as the adapter uses them, with the secrets themselves. */
export type ThreatStreamSettings = Omit<Section, 'type' | 'user' | 'apiKey' | 'maxReply' | 'acknowledgePublic'> & {
  readonly user: string;
  readonly apiKey: string;
  /** How long a request may take: of one whose end nobody saw, this is when it has ended. In milliseconds. */
  readonly requestTimeout: number;
};

/** The settings with what depends on others filled in; what has no default stays optional. */
export interface ResolvedSettings extends ThreatStreamSettings {
  readonly confidenceStep: NonNullable<ThreatStreamSettings['confidenceStep']>;
  readonly expirationGranularity: NonNullable<ThreatStreamSettings['expirationGranularity']>;
  /** Bytes of one request at most, the limit of a direct write. (Source: ThreatStream's API reference, "import without approval".) */
  readonly maxBytes: number;
}

export function resolveSettings(settings: ThreatStreamSettings): ResolvedSettings {
  const bypass = settings.approval === 'bypass';
  return {
    ...settings,
    expirationGranularity: settings.expirationGranularity ?? (bypass ? 'day' : 'month'),
    confidenceStep: settings.confidenceStep ?? (bypass ? 1 : 10),
    maxBytes: 10_000_000,
    baseUrl: settings.baseUrl.replace(/(?<!\/)\/+$/, ''),
  };
}
