import { randomUUID } from 'node:crypto';
import { expect, inject, test } from 'vitest';
import { connectTemporal } from '../../client/connect.ts';
import { MdtiPipeline } from '../../workflows/search-attributes.ts';
import { run } from './command.ts';

test('a wish for a backfill that no worker is there to hear ends with a sentence', async () => {
  const address = inject('temporalAddress');
  const pipeline = `unheard-${randomUUID().slice(0, 8)}`;
  const temporal = await connectTemporal({ address });
  try {
    const handle = await temporal.client.workflow.start('backfill', {
      workflowId: `backfill/${pipeline}/x`,
      taskQueue: `queue of ${pipeline}`,
      typedSearchAttributes: [{ key: MdtiPipeline, value: pipeline }],
    });
    const query = `MdtiPipeline = '${pipeline}'`;
    await expect.poll(async () => (await temporal.client.workflow.count(query)).count, { timeout: 30_000 }).toBe(1);
    for (const args of [['pause'], ['resume'], ['concurrency', '4']]) {
      const finished = await run(['backfill', ...args, '--pipeline', pipeline], { env: { TEMPORAL_ADDRESS: address } });
      expect(finished.stderr).toMatch(/^mdti-sync: No worker answers on the task queue .* has not heard of it\.\n$/);
      expect(finished.code).toBe(3);
    }
    await handle.terminate();
  } finally {
    await temporal.close();
  }
});
