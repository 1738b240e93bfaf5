import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { createHttpClient } from '../../http/undici-client.ts';
import type { SandboxReady } from './sandbox-process.ts';

const counts = z.looseObject({
  requests: z.record(z.string(), z.number()),
  lookUps: z.number(),
  tips: z.record(z.string(), z.looseObject({ requests: z.number(), holds: z.number(), duplicates: z.number() })),
});

/** What the sandbox has counted, of all its APIs and of one TIP; more of what that one counts is beside it. */
export interface SandboxCounts {
  /** Of all APIs together. */
  readonly requests: number;
  readonly requestsByApi: Readonly<Record<string, number>>;
  /** Hosts whose reputation was asked for. */
  readonly lookUps: number;
  /** Null where the sandbox has no stand-in of it. */
  readonly tip: TipSeen | null;
}

export interface TipSeen extends Readonly<Record<string, unknown>> {
  readonly requests: number;
  /** Observables that it holds, active or waiting for review. */
  readonly holds: number;
  /** What arrived again although nothing about it had changed. */
  readonly duplicates: number;
}

export async function sandboxCounts({ urls, caFile }: SandboxReady, tip: string): Promise<SandboxCounts> {
  const http = createHttpClient({ ca: await readFile(caFile, 'utf8'), timeoutMs: 10_000, connections: 1 });
  try {
    const reply = await http.send({
      method: 'GET',
      url: `${urls.control}/counts`,
      signal: AbortSignal.timeout(10_000),
    });
    const { requests, lookUps, tips } = counts.parse(JSON.parse(reply.text));
    const total = Object.values(requests).reduce((sum, count) => sum + count, 0);
    return { requests: total, requestsByApi: requests, lookUps, tip: tips[tip] ?? null };
  } finally {
    await http.close();
  }
}
