export const CLOUDS = ['public', 'usgov', 'china'] as const;
export type Cloud = (typeof CLOUDS)[number];

export interface CloudEndpoints {
  readonly authorityHost: string;
  readonly logs: { readonly endpoint: string; readonly scope: string };
  readonly graph: { readonly endpoint: string; readonly scope: string };
}

/**
 * Where each Azure cloud has its services. Authorities: `AzureAuthorityHosts` of @azure/identity. Log Analytics: the audiences of
 * @azure/monitor-query-logs; its endpoint is used as it stands, so `/v1` belongs to it. Graph:
 * learn.microsoft.com/graph/deployments.
 */
export const CLOUD_ENDPOINTS: Readonly<Record<Cloud, CloudEndpoints>> = {
  public: {
    authorityHost: 'https://login.microsoftonline.com',
    logs: { endpoint: 'https://api.loganalytics.azure.com/v1', scope: 'https://api.loganalytics.io/.default' },
    graph: { endpoint: 'https://graph.microsoft.com/v1.0', scope: 'https://graph.microsoft.com/.default' },
  },
  usgov: {
    authorityHost: 'https://login.microsoftonline.us',
    logs: { endpoint: 'https://api.loganalytics.us/v1', scope: 'https://api.loganalytics.us/.default' },
    graph: { endpoint: 'https://graph.microsoft.us/v1.0', scope: 'https://graph.microsoft.us/.default' },
  },
  china: {
    authorityHost: 'https://login.chinacloudapi.cn',
    logs: { endpoint: 'https://api.loganalytics.azure.cn/v1', scope: 'https://api.loganalytics.azure.cn/.default' },
    graph: {
      endpoint: 'https://microsoftgraph.chinacloudapi.cn/v1.0',
      scope: 'https://microsoftgraph.chinacloudapi.cn/.default',
    },
  },
};
