import { z } from 'zod';
import { logAnalyticsSection, mdtiSection, temporalSection } from './api-sections.ts';
import { azureSection } from './azure-section.ts';
import { CLOUD_ENDPOINTS } from './cloud-endpoints.ts';
import { enrichSection } from './enrich-section.ts';
import { ledgerSection } from './ledger-section.ts';
import { networkSection } from './network-section.ts';
import { pipelineName, pipelineSection } from './pipeline-section.ts';
import { workerSection } from './worker-section.ts';

const sections = z.strictObject({
  temporal: temporalSection.prefault({}).describe('What the workers and the commands share in Temporal.'),
  worker: workerSection.prefault({}).describe('The process that does the work.'),
  ledger: ledgerSection
    .optional()
    .describe(
      'Where mdti-sync remembers. Default: the PostgreSQL of LEDGER_URL if that is set, else { path: ./.mdti-sync/ledger }',
    ),
  azure: azureSection.prefault({}).describe('How to sign in to Azure.'),
  network: networkSection.prefault({}).describe('How the outside is reached.'),
  logAnalytics: logAnalyticsSection.prefault({}).describe('The API that reads the Sentinel workspace.'),
  mdti: mdtiSection.prefault({}).describe('MDTI’s reputations, through Microsoft Graph.'),
  pipelines: z
    .record(pipelineName, z.discriminatedUnion('kind', [pipelineSection, enrichSection]))
    .refine((pipelines) => Object.keys(pipelines).length > 0, { error: 'expected at least one pipeline' })
    .describe('Each pipeline by its name: lower-case letters, digits and -, 40 characters at most.'),
});

/**
 * The configuration file. In: as written in YAML. Out: with every default filled in, durations in milliseconds, and the
 * addresses of the chosen cloud; secrets are still references.
 */
export const configSchema = sections.transform(({ pipelines: all, ...config }, context) => {
  const pipelines = Object.fromEntries(
    Object.entries(all).flatMap(([name, one]) => (isSync(one) ? [[name, one]] : [])),
  );
  const enrichments = Object.fromEntries(
    Object.entries(all).flatMap(([name, one]) => (isSync(one) ? [] : [[name, one]])),
  );
  for (const { path, message } of contradictions(config.azure.cloud, pipelines)) {
    context.addIssue({ code: 'custom', path, message });
  }
  const { authorityHost, logs, graph } = CLOUD_ENDPOINTS[config.azure.cloud];
  return {
    ...config,
    /** Those that deliver, and those that enrich: no two have one name. */
    pipelines,
    enrichments,
    azure: { ...config.azure, authorityHost: config.azure.authorityHost ?? authorityHost },
    logAnalytics: {
      ...config.logAnalytics,
      endpoint: config.logAnalytics.endpoint ?? logs.endpoint,
      scope: config.logAnalytics.scope ?? logs.scope,
    },
    mdti: {
      ...config.mdti,
      endpoint: config.mdti.endpoint ?? graph.endpoint,
      scope: config.mdti.scope ?? graph.scope,
    },
  };
});

export type Config = z.output<typeof configSchema>;
export type PipelineConfig = z.output<typeof pipelineSection>;
export type EnrichmentConfig = z.output<typeof enrichSection>;

function isSync(pipeline: PipelineConfig | EnrichmentConfig): pipeline is PipelineConfig {
  return pipeline.kind !== 'enrich';
}

/** What the settings of destinations have against the rest. */
function* contradictions(cloud: string, pipelines: Readonly<Record<string, PipelineConfig>>) {
  const sources = new Map(Object.entries(pipelines).map(([name, { source }]) => [name, source]));
  for (const [name, { destination }] of Object.entries(pipelines)) {
    for (const { setting, sentence } of destination.problems({ cloud, sources })) {
      yield { path: ['pipelines', name, 'destination', setting], message: sentence };
    }
  }
}
