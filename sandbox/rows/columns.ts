import type { KustoType } from '../logs/kql/value.ts';

export interface Column {
  readonly name: string;
  readonly type: KustoType;
}

export interface TableSchema {
  readonly name: string;
  readonly columns: readonly Column[];
}

function columns(type: KustoType, names: string): readonly Column[] {
  return names.split(' ').map((name) => ({ name, type }));
}

/** Source: the schemas that the Azure-Sentinel repository checks its queries with (`.script/tests/KqlvalidationsTests/CustomTables`). */
export const THREAT_INTEL_INDICATORS = {
  name: 'ThreatIntelIndicators',
  columns: [
    ...columns('string', 'TenantId'),
    ...columns('datetime', 'TimeGenerated'),
    ...columns('string', 'WorkspaceId AzureTenantId Id SourceSystem LastUpdateMethod'),
    ...columns('bool', 'IsDeleted'),
    ...columns('dynamic', 'AdditionalFields Data'),
    ...columns('bool', 'IsActive Revoked'),
    ...columns('datetime', 'ValidUntil ValidFrom Created Modified'),
    ...columns('string', 'Tags'),
    ...columns('int', 'Confidence'),
    ...columns('string', 'Pattern ObservableKey ObservableValue Type _ResourceId'),
  ],
} as const satisfies TableSchema;

/** The retired table. Same source. */
export const THREAT_INTELLIGENCE_INDICATOR = {
  name: 'ThreatIntelligenceIndicator',
  columns: [
    ...columns('string', 'TenantId'),
    ...columns('datetime', 'TimeGenerated'),
    ...columns('string', 'SourceSystem Action ActivityGroupNames AdditionalInformation ApplicationId AzureTenantId'),
    ...columns('string', 'Description DiamondModel ExternalIndicatorId IndicatorId ThreatType KnownFalsePositives'),
    ...columns('string', 'MalwareNames Tags TrafficLightProtocolLevel EmailEncoding EmailLanguage EmailRecipient'),
    ...columns('string', 'EmailSenderAddress EmailSenderName EmailSourceDomain EmailSourceIpAddress EmailSubject'),
    ...columns('string', 'EmailXMailer FileHashType FileHashValue FileMutexName FileName FilePacker FilePath FileType'),
    ...columns('string', 'DomainName NetworkIP NetworkDestinationCidrBlock NetworkDestinationIP NetworkCidrBlock'),
    ...columns('string', 'NetworkSourceCidrBlock NetworkSourceIP Url UserAgent IndicatorProvider Type'),
    ...columns('datetime', 'ExpirationDateTime FileCompileDateTime FileCreatedDateTime'),
    ...columns('bool', 'Active PassiveOnly KillChainActions KillChainC2 KillChainDelivery KillChainExploitation'),
    ...columns('bool', 'KillChainReconnaissance KillChainWeaponization'),
    ...columns('int', 'ThreatSeverity FileSize NetworkPort NetworkDestinationAsn NetworkDestinationPort'),
    ...columns('int', 'NetworkProtocol NetworkSourceAsn NetworkSourcePort'),
    ...columns('real', 'ConfidenceScore'),
  ],
} as const satisfies TableSchema;
