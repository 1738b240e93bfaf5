import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWorkflows, QUIET, type Workflows } from './open-workflows.ts';
import { planned, planOf, windowOf } from './planned.ts';

let workflows: Workflows;
beforeAll(async () => {
  workflows = await openWorkflows();
});
afterAll(() => workflows.close());

test('a step that has been tried many times, and whose worker dies, is soon given to another one', async () => {
  const tried: number[] = [];
  const run = await workflows.start(
    'sync',
    { pipeline: 'p' },
    {
      plan: planOf(planned([windowOf(0)])),
      async deliver(input) {
        tried.push(await workflows.now());
        // Without a delay of its own, as when nothing is heard of it any more.
        if (tried.length <= 12) throw new Error('It died.');
        return QUIET.deliver(input);
      },
    },
  );
  expect(await run.result()).toMatchObject({ windows: 1, confirmed: 1 });
  const waits = tried.slice(1).map((at, place) => at - (tried[place] ?? 0));
  expect(waits).toHaveLength(12);
  expect(Math.max(...waits)).toBeLessThan(15_000);
});
