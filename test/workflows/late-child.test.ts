import type * as Workflow from '@temporalio/workflow';
import { expect, test, vi } from 'vitest';
import type { Steering } from '../../workflows/handles.ts';
import { runWindow } from '../../workflows/window-child.ts';
import { windowOf } from './planned.ts';

const heard = vi.hoisted((): unknown[] => []);
const starting = vi.hoisted(() => ({ meanwhile: (): void => undefined }));

/** The moment between a start and its being known is the server's: here it is the test's. */
vi.mock('@temporalio/workflow', async (original) => ({
  ...(await original<typeof Workflow>()),
  patched: () => true,
  startChild: async () => {
    starting.meanwhile();
    return { result: async () => 'counts' };
  },
  getExternalWorkflowHandle: (workflowId: string) => ({
    signal: async (_: unknown, wish: unknown) => heard.push([workflowId, wish]),
  }),
}));

test.each([
  { paused: true, lanes: null },
  { paused: false, lanes: 7 },
])('a wish that comes while a window is being started is passed on to it: %j', async (wish) => {
  let steering: Steering = { paused: false, lanes: null };
  starting.meanwhile = () => {
    steering = wish;
  };
  await runWindow(childOf(() => steering));
  expect(heard.splice(0)).toEqual([['w', wish]]);
});

test('a window that was started with the newest wish is told nothing', async () => {
  starting.meanwhile = () => undefined;
  const steering = { paused: true, lanes: 3 };
  await runWindow(childOf(() => steering));
  expect(heard.splice(0)).toEqual([]);
});

function childOf(steering: () => Steering) {
  const owner = { workflowId: 'run', runId: 'r' };
  return { workflowId: 'w', pipeline: 'p', owner, window: windowOf(0), priorityKey: 2, steering };
}
