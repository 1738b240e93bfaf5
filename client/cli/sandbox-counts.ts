import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { createHttpClient } from '../../http/undici-client.ts';
import type { SandboxReady } from './sandbox-process.ts';

const byApi = z.record(z.string(), z.number());
const counts = z.looseObject({
  requests: byApi,
  holds: z.number(),
  duplicates: z.number(),
  lookUps: z.number(),
  sessions: z.number(),
  publicTags: z.number(),
  tagNames: z.number(),
});

export interface SandboxCounts {
  /** Observables that ThreatStream holds, active or waiting for review. */
  readonly holds: number;
  /** What arrived again although nothing about it had changed. */
  readonly duplicates: number;
  /** Of all APIs together. */
  readonly requests: number;
  readonly requestsByApi: Readonly<Record<string, number>>;
  /** Hosts whose reputation was asked for. */
  readonly lookUps: number;
  /** Import sessions, each of which an analyst would approve. */
  readonly sessions: number;
  /** Tags that everyone on ThreatStream sees, one for each observable that has it. */
  readonly publicTags: number;
  /** Different tags. */
  readonly tagNames: number;
}

/** What the sandbox itself has counted. */
export async function sandboxCounts({ urls, caFile }: SandboxReady): Promise<SandboxCounts> {
  const http = createHttpClient({ ca: await readFile(caFile, 'utf8'), timeoutMs: 10_000, connections: 1 });
  try {
    const reply = await http.send({
      method: 'GET',
      url: `${urls.control}/counts`,
      signal: AbortSignal.timeout(10_000),
    });
    const { requests, holds, duplicates, lookUps, sessions, publicTags, tagNames } = counts.parse(
      JSON.parse(reply.text),
    );
    const total = Object.values(requests).reduce((sum, count) => sum + count, 0);
    return { holds, duplicates, requests: total, requestsByApi: requests, lookUps, sessions, publicTags, tagNames };
  } finally {
    await http.close();
  }
}
