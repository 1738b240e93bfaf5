/** The columns of Sentinel's two indicator tables: github.com/Azure/Azure-Sentinel, .script/tests/KqlvalidationsTests/CustomTables. */
export const PUBLISHED_TABLES: Readonly<Record<string, string>> = {
  ThreatIntelIndicators: columns({
    string:
      'TenantId WorkspaceId AzureTenantId Id SourceSystem LastUpdateMethod Tags Pattern ObservableKey ObservableValue Type _ResourceId',
    datetime: 'TimeGenerated ValidUntil ValidFrom Created Modified',
    bool: 'IsDeleted IsActive Revoked',
    int: 'Confidence',
    dynamic: 'AdditionalFields Data',
  }),
  ThreatIntelligenceIndicator: columns({
    string:
      'TenantId SourceSystem Action ActivityGroupNames AdditionalInformation ApplicationId AzureTenantId Description DiamondModel ExternalIndicatorId IndicatorId ThreatType KnownFalsePositives MalwareNames Tags TrafficLightProtocolLevel EmailEncoding EmailLanguage EmailRecipient EmailSenderAddress EmailSenderName EmailSourceDomain EmailSourceIpAddress EmailSubject EmailXMailer FileHashType FileHashValue FileMutexName FileName FilePacker FilePath FileType DomainName NetworkIP NetworkDestinationCidrBlock NetworkDestinationIP NetworkCidrBlock NetworkSourceCidrBlock NetworkSourceIP Url UserAgent IndicatorProvider Type',
    datetime: 'TimeGenerated ExpirationDateTime FileCompileDateTime FileCreatedDateTime',
    bool: 'Active PassiveOnly KillChainActions KillChainC2 KillChainDelivery KillChainExploitation KillChainReconnaissance KillChainWeaponization',
    int: 'ThreatSeverity FileSize NetworkPort NetworkDestinationAsn NetworkDestinationPort NetworkProtocol NetworkSourceAsn NetworkSourcePort',
    real: 'ConfidenceScore',
  }),
};

/** As a KQL schema: `(Id: string, …)`. */
function columns(byType: Readonly<Record<string, string>>): string {
  const all = Object.entries(byType).flatMap(([type, names]) => names.split(' ').map((name) => `${name}: ${type}`));
  return `(${all.join(', ')})`;
}
