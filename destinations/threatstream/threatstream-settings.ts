import type { Threat } from '../../indicators/indicator.ts';

/** The kinds of observable as ThreatStream's itypes tell them apart; hashes of any length are `md5`. */
export const KINDS = ['ip', 'ipv6', 'domain', 'url', 'email', 'md5'] as const;
export type Kind = (typeof KINDS)[number];

export type Severity = 'low' | 'medium' | 'high' | 'very-high';

/** How indicators are delivered to one ThreatStream organisation. */
export interface ThreatStreamSettings {
  /** Without a path of the API. Example: `https://api.threatstream.com`. */
  readonly baseUrl: string;
  readonly user: string;
  readonly apiKey: string;
  /**
   * `required`: import sessions that an analyst approves; `automatic`: import sessions that are active at once (permission
   * "Approve Import"); `bypass`: written directly, without a session (permission "Approve Intel").
   */
  readonly approval: 'required' | 'automatic' | 'bypass';
  /** `private`: seen by the own organisation; `public`: by everyone on ThreatStream. */
  readonly visibility: 'private' | 'public';
  /** A hybrid appliance acts on the cloud (`remote_api=true`). Default: false. */
  readonly remoteApi?: boolean;
  /** Version in the paths of imports and bulk writes; older appliances have v1. Default: v2. */
  readonly importVersion?: 'v1' | 'v2';
  /** How an import carries its indicators: a CSV, where each has its own itype, tags and TLP, or a text, where all share them. Default: csv. */
  readonly import?: 'csv' | 'text';
  /** A value with `%` travels as text, since a CSV could mean it for a wildcard (UNCONFIRMED). Default: true. */
  readonly percentAsText?: boolean;
  /** Replaces the `threat_type` of single threats. Default: none. Example: `{ tor: 'anonymization' }`. */
  readonly threatTypes?: Readonly<Partial<Record<Threat, string>>>;
  /** Replaces single itypes, by kind and threat. Default: none. Example: `{ md5: { c2: 'apt_md5' } }`. */
  readonly itypes?: Readonly<Partial<Record<Kind, Readonly<Partial<Record<Threat, string>>>>>>;
  /** `itype`: ThreatStream's own for the itype; `score`: by the score, which a session has one of. Default: itype. */
  readonly severity?: 'itype' | 'score';
  /** With severity `score`, for indicators with neither a reputation score nor a confidence. Default: medium. */
  readonly defaultSeverity?: Severity;
  /** An indicator that does not say when it ends expires after this many days; null for never. Default: null. */
  readonly expirationDays?: number | null;
  /**
   * Ends are rounded up to it, since a session has one end for all its indicators; `none`: a session has the latest end of its own. Direct
   * writes have an end for each. Default: month; day for `bypass`.
   */
  readonly expirationGranularity?: 'second' | 'hour' | 'day' | 'month' | 'none';
  /**
   * Confidence is rounded down to steps of it, since a session has one for all its indicators; `none`: a session has the lowest
   * of its own. Direct writes have one for each. Default: 10; 1 for `bypass`.
   */
  readonly confidenceStep?: number | 'none';
  /** Keep domains and URLs whose name does not resolve; only direct writes can say so. Default: true. */
  readonly allowUnresolved?: boolean;
  /** Let ThreatStream leave out, in silence, what it holds for benign. Default: false. */
  readonly rejectBenign?: boolean;
  /** Names of MDTI's rules as tags: of all, of those of severity high, or none. Default: high. */
  readonly ruleTags?: 'all' | 'high' | 'none';
  /** Every indicator gets these tags. Default: none. */
  readonly extraTags?: readonly string[];
  /** What analysts see as the source. Default: Microsoft Defender Threat Intelligence. */
  readonly intelligenceSource?: string;
  /** How tags are taken off many observables: both ways are in use, and nothing says that both work everywhere. Default: bulk_tagging. */
  readonly untagBy?: 'bulk_tagging' | 'bulk_remove_tags';
  /** Ids of trusted circles to share with. Default: none. */
  readonly trustedCircles?: readonly number[];
  /** Indicators in one request at most. Default: 1,000. (No limit is published.) */
  readonly maxObjects?: number;
  /** Bytes of one request at most. Default: 10,000,000, which is the limit of a direct write. */
  readonly maxBytes?: number;
  /** How long to wait before asking again what became of a request. Default: 2,000. */
  readonly confirmPollMs?: number;
  /**
   * How long what was taken in may take to show before what does not is set aside as unknown: a direct write since it was sent, what an
   * import session brought since it ended. Default: 300,000 (5 minutes).
   */
  readonly confirmForMs?: number;
  /** How long an import session may take to end before its indicators are set aside as unknown. Default: 3,600,000 (an hour). */
  readonly sessionForMs?: number;
  /**
   * A request whose acknowledgement was lost, and that is not found, is sent again only so long after it ended: a gateway that has given
   * up may still be passing it on. Default: 300,000 (5 minutes).
   */
  readonly lostAckGraceMs?: number;
  /** How long a request may take: of one whose end nobody saw, this is when it has ended. Default: 120,000. */
  readonly requestTimeoutMs?: number;
  /** Id of the own organisation: only its copies of a value are ever changed. Default: that of the user, as its account says. */
  readonly ownerOrganizationId?: number;
}

/** The settings with every default filled in; what has no default stays optional. */
export type ResolvedSettings = Required<Omit<ThreatStreamSettings, 'ownerOrganizationId'>> &
  Pick<ThreatStreamSettings, 'ownerOrganizationId'>;

export function resolveSettings(settings: ThreatStreamSettings): ResolvedSettings {
  const bypass = settings.approval === 'bypass';
  return {
    remoteApi: false,
    importVersion: 'v2',
    import: 'csv',
    percentAsText: true,
    threatTypes: {},
    itypes: {},
    severity: 'itype',
    defaultSeverity: 'medium',
    expirationDays: null,
    expirationGranularity: bypass ? 'day' : 'month',
    confidenceStep: bypass ? 1 : 10,
    allowUnresolved: true,
    rejectBenign: false,
    ruleTags: 'high',
    extraTags: [],
    intelligenceSource: 'Microsoft Defender Threat Intelligence',
    untagBy: 'bulk_tagging',
    trustedCircles: [],
    maxObjects: 1_000,
    maxBytes: 10_000_000,
    confirmPollMs: 2_000,
    confirmForMs: 300_000,
    sessionForMs: 3_600_000,
    lostAckGraceMs: 300_000,
    requestTimeoutMs: 120_000,
    ...settings,
    baseUrl: settings.baseUrl.replace(/(?<!\/)\/+$/, ''),
  };
}
