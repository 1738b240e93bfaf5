import type { Config } from './config-schema.ts';

/** What is allowed and yet seldom meant. Sentences for an operator. */
export function warningsOf(config: Config): readonly string[] {
  const warnings: string[] = [];
  const { cloud } = config.azure;
  // learn.microsoft.com/graph/api/security-host-get-reputation: global service only.
  if (cloud !== 'public') {
    warnings.push(
      `azure.cloud is ${cloud}, and MDTI's reputations are in the public cloud only: look-ups will be refused there, unless mdti.endpoint and mdti.scope lead to a service that has them.`,
    );
  }
  if (config.azure.credential === 'default' && config.network.proxy !== undefined) {
    warnings.push(
      'azure.credential is default, and then Azure signs in by its own way to the network, which takes its proxy from HTTPS_PROXY and not from network.proxy: set HTTPS_PROXY too, or choose another azure.credential.',
    );
  }
  for (const [name, { source, destination, policy }] of Object.entries(config.pipelines)) {
    if (source.table === 'ThreatIntelligenceIndicator') {
      warnings.push(
        `pipelines.${name}.source.table is ThreatIntelligenceIndicator, which gets no new rows since Microsoft moved to ThreatIntelIndicators: it may read nothing.`,
      );
    }
    for (const { setting, sentence } of destination.warnings(policy)) {
      warnings.push(`pipelines.${name}.${setting} ${sentence}`);
    }
  }
  return warnings;
}
