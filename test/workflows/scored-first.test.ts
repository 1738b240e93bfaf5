import { afterAll, beforeAll, expect, test } from 'vitest';
import { BATCHES_A_RUN } from '../../workflows/window-state.ts';
import { openWorkflows, QUIET, type Script, type Workflows } from './open-workflows.ts';
import { planned, planOf, toDeliver, toScore, windowOf } from './planned.ts';

let workflows: Workflows;
beforeAll(async () => {
  workflows = await openWorkflows();
});
afterAll(() => workflows.close());

const SYNC = { pipeline: 'p' };
const OWNER = { workflowId: 'w', runId: 'r' };

/** As a run starts a window, or as the window goes on. */
function inputOf(carried?: { readonly step?: string; readonly after: number }) {
  const base = { ...windowOf(0), ...SYNC, windowId: 1, owner: OWNER, steering: { paused: false, lanes: null } };
  return carried === undefined ? base : { ...base, carried: { failed: 0, firstFailure: null, rows: 3, ...carried } };
}

/** Writes down what is done, and with what. */
function recorded(script: Script): { readonly steps: string[]; readonly script: Script } {
  const steps: string[] = [];
  return {
    steps,
    script: {
      plan: planOf(planned([windowOf(0)])),
      ...script,
      async formBatches(input) {
        steps.push(`form after ${input.after}`);
        return (script.formBatches ?? QUIET.formBatches)(input);
      },
      async score(input) {
        steps.push('scoring' in input ? `score ${input.scoring}` : `score batch ${input.batch}`);
        return QUIET.score(input);
      },
      async orderBatches(input) {
        steps.push(`order after ${input.after}`);
        return (script.orderBatches ?? QUIET.orderBatches)(input);
      },
      async deliver(input) {
        steps.push(`deliver ${input.batch}`);
        return (script.deliver ?? QUIET.deliver)(input);
      },
    },
  };
}

test('all of a window is scored before its batches are ordered and delivered, which score nothing', async () => {
  const { steps, script } = recorded({
    formBatches: async () => toScore(3),
    orderBatches: async () => toDeliver(2),
  });
  const run = await workflows.start('sync', SYNC, script);
  expect(await run.result()).toMatchObject({ windows: 1 });
  expect(steps).toEqual(['form after 0', 'score 1', 'score 2', 'score 3', 'order after 0', 'deliver 1', 'deliver 2']);
});

test('what a worker of an earlier release has put into batches is scored batch by batch, and ordered after that', async () => {
  const { steps, script } = recorded({
    formBatches: async () => ({ batches: 2, open: [1, 2].map((batch) => ({ batch, items: 1 })), lanes: 1 }),
    orderBatches: async () => toDeliver(2),
  });
  const run = await workflows.start('sync', SYNC, script);
  expect(await run.result()).toMatchObject({ windows: 1 });
  expect(steps).toEqual(['form after 0', 'score batch 1', 'score batch 2', 'order after 0', 'deliver 1', 'deliver 2']);
});

test.each([
  ['begun', undefined, 0],
  ['carried on', { after: 2 }, 2],
])(
  'a window that a run of an earlier release has %s is scored and delivered batch by batch',
  async (_, carried, after) => {
    const formed: unknown[] = [];
    const { steps, script } = recorded({
      async formBatches(input) {
        formed.push(input);
        return { batches: 3, open: [{ batch: 3, items: 1 }], lanes: 1 };
      },
    });
    const run = await workflows.start('window', inputOf(carried), script);
    expect(await run.result()).toMatchObject({ windows: 1 });
    expect(steps).toEqual([`form after ${after}`, 'score batch 3', 'deliver 3']);
    expect(formed).toEqual([expect.not.objectContaining({ scoresFirst: true })]);
  },
);

test.each([
  ['scoring', ['form after 7', 'score 8', 'order after 0', 'deliver 1']],
  ['delivering', ['order after 7', 'deliver 8']],
])('a window that is carried on while it is %s goes on from there', async (step, taken) => {
  const { steps, script } = recorded({
    formBatches: async () => ({ batches: 8, open: [], toScore: [{ scoring: 8, items: 1 }], lanes: 1 }),
    orderBatches: async ({ after }) => ({ batches: 8, open: [{ batch: after + 1, items: 1 }], lanes: 1 }),
  });
  const run = await workflows.start('window', { ...inputOf({ step, after: 7 }), scoresFirst: true }, script);
  expect(await run.result()).toMatchObject({ windows: 1 });
  expect(steps).toEqual(taken);
});

test('a window that has more to score than one run can carry goes on as a new one, and scores everything once', async () => {
  const { toScore: all = [] } = toScore(BATCHES_A_RUN + 2);
  const { steps, script } = recorded({
    formBatches: async ({ after, limit }) => ({
      batches: all.length,
      open: [],
      toScore: all.filter(({ scoring }) => scoring > after).slice(0, limit),
      lanes: 1,
    }),
  });
  const wide = { paused: false, lanes: 50 };
  const run = await workflows.start('window', { ...inputOf(), scoresFirst: true, steering: wide }, script);
  expect(await run.result()).toMatchObject({ windows: 1 });
  expect(new Set(steps.filter((step) => step.startsWith('score')))).toHaveProperty('size', all.length);
  expect(steps.filter((step) => !step.startsWith('score'))).toEqual([
    'form after 0',
    `form after ${BATCHES_A_RUN}`,
    'order after 0',
    'deliver 1',
  ]);
  expect(steps).toHaveLength(all.length + 4);
});
