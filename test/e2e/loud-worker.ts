import { launch, type Running } from './command.ts';
import type { Stack } from './stack.ts';

/** A worker that logs all it can. */
export async function startLoudWorker(stack: Stack, env: Readonly<Record<string, string>> = {}): Promise<Running> {
  const { credentials } = stack.sandbox;
  const worker = launch(['worker', '--log-level', 'trace'], {
    cwd: stack.folder,
    env: {
      TEMPORAL_ADDRESS: stack.temporal.address,
      MDTI_SYNC_CONFIG: stack.configFile,
      AZURE_CLIENT_SECRET: credentials.clientSecret,
      THREATSTREAM_USER: credentials.threatstreamUser,
      THREATSTREAM_API_KEY: credentials.threatstreamApiKey,
      ...env,
    },
  });
  await worker.line('stderr', /The worker polls/);
  return worker;
}
