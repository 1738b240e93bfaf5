import { readFile } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
import { type ParsedConfig, parseConfig } from '../../config/parse-config.ts';
import { resolveSecrets } from '../../config/resolve-secrets.ts';
import { CREDENTIALS } from '../../sandbox/credentials.ts';
import { createAuthority } from '../../sandbox/https/certificates.ts';
import { type ComposeFile, type ComposeService, readComposeFile } from './compose-file.ts';

const FOLDER = 'deploy/compose/sandbox';

let file: ComposeFile;
let worker: ComposeService;
let parsed: Extract<ParsedConfig, { ok: true }>;

beforeAll(async () => {
  file = await readComposeFile();
  const found = file.services['worker'];
  const config = parseConfig(await readFile(`${FOLDER}/mdti-sync.yaml`, 'utf8'), 'mdti-sync.yaml');
  if (found === undefined || !config.ok) throw new Error(JSON.stringify(config));
  worker = found;
  parsed = config;
});

/** A file as the worker's container has it. Of what the first start makes, it says where it is. */
async function mounted(path: string): Promise<string> {
  const [, secret] = /^\/run\/secrets\/(.+)$/.exec(path) ?? [];
  if (secret !== undefined) {
    expect(worker.secrets).toContain(secret);
    return readFile(file.secrets[secret]?.file ?? '', 'utf8');
  }
  const volume = worker.volumes.find(({ target }) => path.startsWith(`${target}/`));
  if (volume === undefined) throw new Error(`${path} is mounted from nowhere.`);
  return `${volume.source}:${path.slice(volume.target.length + 1)}`;
}

test('its configuration is right, and says where the sandbox is', () => {
  const { azure, logAnalytics, mdti, pipelines, network } = parsed.config;
  expect(parsed.warnings).toEqual([]);
  const command = file.services['sandbox']?.command ?? [];
  const option = (name: string): string => command[command.indexOf(name) + 1] ?? '';
  const at = `https://${option('--name')}:${option('--port')}`;
  expect(option('--name')).toBe('sandbox');
  expect([
    azure.authorityHost,
    logAnalytics.endpoint,
    mdti.endpoint,
    ...(pipelines['threatstream']?.destination.hosts ?? []),
  ]).toEqual([at, `${at}/logs/v1`, `${at}/graph/v1.0`, `${at}/threatstream`]);
  const kept = file.services['sandbox']?.volumes.find(({ target }) => target === option('--keep'));
  const seen = worker.volumes.find(({ target }) => network.caFile === `${target}/ca.pem`);
  expect(seen).toMatchObject({ source: kept?.source, readOnly: true });
});

test('its secrets are the sandbox’s, from files that the worker has', async () => {
  const { certificate } = await createAuthority();
  const resolved = await resolveSecrets(parsed.config, {}, async (path) => {
    const text = await mounted(path);
    return path === parsed.config.network.caFile ? certificate : text;
  });
  if (!resolved.ok) throw new Error(resolved.problems.join('\n'));
  const { azure, ledger, pipelines } = resolved.config;
  const { destination, source } = pipelines['threatstream'] ?? {};
  expect({
    tenantId: azure.tenantId,
    clientId: azure.clientId,
    clientSecret: azure.clientSecret?.reveal(),
    workspaceId: source?.workspaceId,
    threatstreamUser: destination?.secrets.get('user')?.reveal(),
    threatstreamApiKey: destination?.secrets.get('apiKey')?.reveal(),
  }).toEqual(CREDENTIALS);
  expect('url' in ledger && ledger.url.reveal()).toBe('ledger-password:url');
});

test('a container has longer to stop than the worker takes', () => {
  const seconds = Number(/^(\d+)s$/.exec(String(worker['stop_grace_period']))?.[1]);
  expect(seconds).toBeGreaterThan(parsed.config.worker.stopWithin / 1_000 + 5);
});

test('the demo runs a pipeline that the configuration has', () => {
  const command = file.services['demo']?.command ?? [];
  expect(Object.keys(parsed.config.pipelines)).toContain(command[command.indexOf('--pipeline') + 1]);
});
