import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAzureCredential } from '../../azure/azure-credential.ts';
import { readRow } from '../../indicators/read-row.ts';
import type { SourceRow } from '../../indicators/source-row.ts';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { createLogsClient } from '../../sentinel/logs-client.ts';
import { createSentinelReader } from '../../sentinel/logs-reader.ts';
import type { SentinelReader, SentinelSource } from '../../sentinel/sentinel-reader.ts';
import { faultFrom } from '../http/fault-from.ts';
import { recordedPace } from '../rates/recorded-pace.ts';

const window = { from: '2026-11-24T08:00:00Z', to: '2026-11-24T09:00:00Z' };
const signal = new AbortController().signal;

function readerOf({ urls, ca, credentials }: Sandbox, clientSecret = credentials.clientSecret): SentinelReader {
  const credential = createAzureCredential(
    {
      tenantId: credentials.tenantId,
      clientId: credentials.clientId,
      credential: { type: 'clientSecret', clientSecret },
      authorityHost: urls.authority,
      instanceDiscovery: false,
    },
    { ca },
  );
  return createSentinelReader(
    createLogsClient({ endpoint: urls.logs, ca, serverTimeoutSeconds: 60 }, { credential, pace: recordedPace() }),
    20_000,
  );
}

describe.each(['ThreatIntelIndicators', 'ThreatIntelligenceIndicator'] as const)('%s in the sandbox', (table) => {
  let sandbox: Sandbox;
  let reader: SentinelReader;
  let source: SentinelSource;

  beforeAll(async () => {
    sandbox = await startSandbox({
      indicators: 400,
      legacy: table === 'ThreatIntelligenceIndicator',
      ingestedOver: { from: new Date(window.from), to: new Date(window.to) },
    });
    reader = readerOf(sandbox);
    source = {
      workspaceId: sandbox.credentials.workspaceId,
      table,
      sourceSystems: ['Microsoft Defender Threat Intelligence', 'Microsoft Emerging Threat Feed'],
      latenessMs: 30 * 86_400_000,
    };
  });
  afterAll(() => sandbox.close());

  async function readIn(buckets: number): Promise<readonly SourceRow[]> {
    const rows: SourceRow[] = [];
    for (let bucket = 0; bucket < buckets; bucket += 1) {
      const read = await reader.read(source, { ...window, bucket, buckets }, signal);
      expect(read.malformed).toEqual([]);
      rows.push(...read.rows);
    }
    return rows;
  }

  it('gives every row once, however the window is cut, and no more than it counts', async () => {
    const whole = await readIn(1);
    const keys = (rows: readonly SourceRow[]) =>
      rows.map((row) => JSON.stringify([row.id, row.observableKey, row.observableValue, row.pattern])).sort();
    expect(whole.length).toBeGreaterThan(200);
    expect(new Set(keys(whole)).size).toBe(whole.length);
    expect(keys(await readIn(7))).toEqual(keys(whole));
    const { rows: count } = await reader.count(source, window, signal);
    expect(count).toBeGreaterThanOrEqual(whole.length);
    const estimate = await reader.estimate(source, window, signal);
    expect(estimate.rows).toBe(count);
    expect(estimate.hosts).toBeLessThan(count);
  });

  it('gives rows that the domain can read', async () => {
    const rows = await readIn(1);
    const read = rows.filter((row) => readRow(row).kind === 'observations');
    expect(read.length).toBeGreaterThan(rows.length * 0.9);
    for (const { timeGenerated } of rows) expect(timeGenerated).toMatch(/\.\d{7}Z$/);
  });

  it('finds nothing outside the window', async () => {
    const empty = { from: window.to, to: '2026-11-24T10:00:00Z' };
    expect(await reader.count(source, empty, signal)).toMatchObject({ rows: 0 });
    expect(await reader.read(source, { ...empty, bucket: 0, buckets: 1 }, signal)).toEqual({ rows: [], malformed: [] });
  });

  it('takes a cut answer for no answer', async () => {
    sandbox.setFaults({ logs: { partialOverRows: 10 } });
    const fault = await faultFrom(reader.read(source, { ...window, bucket: 0, buckets: 1 }, signal));
    expect(fault.kind).toBe('TooLarge');
    sandbox.setFaults({ logs: { partialOverRows: 500_000 } });
  });

  it('is Refused with a wrong secret, in the words of the credential', async () => {
    const fault = await faultFrom(readerOf(sandbox, 'wrong').count(source, window, signal));
    expect(fault).toMatchObject({
      kind: 'Refused',
      message: expect.stringContaining('azure.clientSecret was refused'),
    });
  });
});
